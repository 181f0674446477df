//! Tells what this process or machine has run out of from what another process did. Knows error numbers only.

use std::io;

use nix::errno::Errno;

/// Whether an error says that we have no descriptor, port, process or memory left: it says nothing about whom we asked.
pub fn out_of_resources(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|number| {
        matches!(
            Errno::from_raw(number),
            Errno::EMFILE
                | Errno::ENFILE
                | Errno::ENOMEM
                | Errno::ENOBUFS
                | Errno::EADDRNOTAVAIL
                | Errno::EAGAIN
        )
    })
}
