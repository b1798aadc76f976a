//! What `tests/cmd/` shows is what the program does.

#[test]
fn mistakes_on_the_command_line() {
    trycmd::TestCases::new().case("tests/cmd/*.md");
}
