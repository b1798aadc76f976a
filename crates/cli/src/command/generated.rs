//! `mailseal completions`, `man`, `schema`: written by the program itself.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use clap::CommandFactory as _;
use clap_mangen::Man as Page;

use crate::{
    args::{
        Cli,
        generated::{Completions, Man},
    },
    exit::Failure,
    output::file::Destination,
};

/// Writes the completions of a shell to standard output.
pub(crate) fn completions(args: &Completions) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "mailseal", &mut script);
    print(&script)
}

/// Prints the JSON Schema of the verdict.
pub(crate) fn schema() -> Result<(), Failure> {
    print(format!("{}\n", mailseal::schema()).as_bytes())
}

/// Writes `mailseal.1` and one page a verb.
pub(crate) fn man(args: &Man) -> Result<(), Failure> {
    let folder = args.folder.as_path();
    fs::create_dir_all(folder).map_err(|e| Failure::writing(folder.display(), &e))?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    page(folder, command.clone())?;
    pages(folder, "mailseal", &command)
}

/// The pages of the verbs below `command`, and of theirs.
fn pages(folder: &Path, above: &str, command: &clap::Command) -> Result<(), Failure> {
    for verb in command.get_subcommands() {
        let name = format!("{above}-{}", verb.get_name());
        pages(folder, &name, verb)?;
        // clap wants names that live as long as the program; there are not many.
        page(folder, verb.clone().name(name.clone().leak() as &str).display_name(name))?;
    }
    Ok(())
}

fn page(folder: &Path, command: clap::Command) -> Result<(), Failure> {
    let path = folder.join(format!("{}.1", command.get_name()));
    let failure = |e: &io::Error| Failure::writing(path.display(), e);
    let mut text = Vec::new();
    render(command, &mut text).map_err(|e| failure(&e))?;
    let mut output = Destination::new(Some(&path), true)?.create()?;
    output.write_all(&text).map_err(|e| failure(&e))?;
    output.commit()
}

/// A page in roff, with what follows the options in `--help` (examples, exit codes) as a section as it stands there.
fn render(command: clap::Command, out: &mut dyn Write) -> io::Result<()> {
    let after = command.get_after_long_help().or(command.get_after_help()).map(ToString::to_string);
    let verbs = command.has_subcommands();
    let man = Page::new(command);
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    if verbs {
        man.render_subcommands_section(out)?;
    }
    if let Some((heading, text)) = after.as_deref().and_then(|after| after.split_once(":\n")) {
        let text = text.replace('\\', "\\e").replace('-', "\\-");
        writeln!(out, ".SH {}\n.nf\n{text}\n.fi", heading.to_uppercase())?;
    }
    if !verbs {
        writeln!(out, ".SH \"SEE ALSO\"\n\\fBmailseal\\fR(1), which lists the exit codes")?;
    }
    Ok(())
}

/// Prints to standard output.
fn print(octets: &[u8]) -> Result<(), Failure> {
    let mut output = Destination::Stdout.create()?;
    output.write_all(octets).map_err(|e| Failure::writing(output.name(), &e))?;
    output.commit()
}
