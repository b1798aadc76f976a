//! One conversation for every protocol, personas and corpora for the tests of mailseal.
