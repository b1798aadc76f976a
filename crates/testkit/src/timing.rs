//! CPU times of operations that must not differ, for benches. No test may depend on them.

use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Duration;

use crate::mutation::Random;

/// Of a hundred samples so many are kept, the fastest: the others were disturbed.
const KEPT: usize = 90;

/// One kind of input, and what is done with the sample of this number.
pub struct Class<'a> {
    /// Its name in the table.
    pub name: &'a str,
    /// Everything in here is measured.
    pub run: Box<dyn Fn(usize) -> bool + 'a>,
}

/// What was measured of one [`Class`].
#[derive(Debug, Clone)]
pub struct Timing {
    /// In the order of size, in nanoseconds of CPU time.
    nanoseconds: Vec<f64>,
}

impl Timing {
    /// The middle one.
    #[must_use]
    pub fn median(&self) -> Duration {
        Duration::from_nanos(self.nanoseconds[self.nanoseconds.len() / 2] as u64)
    }

    /// Welch's t of the two means, from the samples that were not disturbed. Between -4.5 and 4.5 nothing is shown.
    #[must_use]
    pub fn welch(&self, other: &Timing) -> f64 {
        let (ours, theirs) = (self.kept(), other.kept());
        let error = |samples: &[f64]| variance(samples) / samples.len() as f64;
        (mean(ours) - mean(theirs)) / (error(ours) + error(theirs)).sqrt()
    }

    fn kept(&self) -> &[f64] {
        &self.nanoseconds[..(self.nanoseconds.len() * KEPT / 100).max(2)]
    }
}

/// Runs every class so many times, in an order drawn anew for each round, and gives their times.
#[must_use]
pub fn measure(rounds: usize, classes: &[Class<'_>]) -> Vec<Timing> {
    let mut random = Random::new(8);
    let mut timings = vec![Timing { nanoseconds: Vec::with_capacity(rounds) }; classes.len()];
    for round in 0..rounds {
        let mut order: Vec<usize> = (0..classes.len()).collect();
        while !order.is_empty() {
            let class = order.swap_remove(random.below(order.len()));
            let began = cpu_time();
            black_box((classes[class].run)(round));
            timings[class].nanoseconds.push((cpu_time() - began).as_nanos() as f64);
        }
    }
    for timing in &mut timings {
        timing.nanoseconds.sort_by(f64::total_cmp);
    }
    timings
}

/// Writes a line a class: the median, and t against the first class.
pub fn table(title: &str, rounds: usize, classes: &[Class<'_>]) {
    println!("{title}: {rounds} runs of each");
    let timings = measure(rounds, classes);
    for (class, timing) in classes.iter().zip(&timings) {
        println!("  {:<28} median {:>10.1?}   t {:>7.2}", class.name, timing.median(), timing.welch(&timings[0]));
    }
}

/// CPU time of this thread.
fn cpu_time() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.try_into().unwrap_or(0), now.tv_nsec.try_into().unwrap_or(0))
}

fn mean(samples: &[f64]) -> f64 {
    samples.iter().sum::<f64>() / samples.len() as f64
}

fn variance(samples: &[f64]) -> f64 {
    let mean = mean(samples);
    samples.iter().map(|sample| (sample - mean).powi(2)).sum::<f64>() / (samples.len() - 1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timing(nanoseconds: &[f64]) -> Timing {
        Timing { nanoseconds: nanoseconds.to_vec() }
    }

    #[test]
    fn what_differs_and_what_does_not() {
        let one: Vec<f64> = (0..1000).map(|n| 100.0 + f64::from(n % 7)).collect();
        let later: Vec<f64> = one.iter().map(|sample| sample + 5.0).collect();
        assert!(timing(&one).welch(&timing(&one)).abs() < 0.001);
        assert!(timing(&one).welch(&timing(&later)) < -4.5);
        assert_eq!(timing(&[1.0, 2.0, 9.0]).median(), Duration::from_nanos(2));
    }

    #[test]
    fn every_class_is_measured_as_often() {
        let runs = std::cell::Cell::new([0, 0]);
        let count = |class: usize| {
            let runs = &runs;
            Class {
                name: "counts",
                run: Box::new(move |_| {
                    let mut now = runs.get();
                    now[class] += 1;
                    runs.set(now);
                    true
                }),
            }
        };
        let timings = measure(20, &[count(0), count(1)]);
        assert_eq!(runs.get(), [20, 20]);
        assert!(timings.iter().all(|timing| timing.nanoseconds.len() == 20 && timing.nanoseconds.is_sorted()));
    }
}
