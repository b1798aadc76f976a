//! Material of keys that are weak on purpose.

/// Two primes of 1024 bits, one the next after the other, in hexadecimal: their product is factored at once.
pub const CLOSE_PRIMES: [&str; 2] = [
    "dff00ea0a71be6954a143c8d39cb47e11ff0800758a200571876ea236128422bbd0fc14a75a2775a432da3cabcd9d04b\
    00c8e7c2f0124db35f3d5b0b34532e9be10c1de70791720e3d9956edb267386f15048d44777442a505e496dcc5dc8c64\
    3cec0a7c48facac285694650725cd9c7855dae0a64f5cee2e52272474bd26d95",
    "dff00ea0a71be6954a143c8d39cb47e11ff0800758a200571876ea236128422bbd0fc14a75a2775a432da3cabcd9d04b\
    00c8e7c2f0124db35f3d5b0b34532e9be10c1de70791720e3d9956edb267386f15048d44777442a505e496dcc5dc8c64\
    3cec0a7c48facac285694650725cd9c7855dae0a64f5cee2e52272474bd26dfb",
];
