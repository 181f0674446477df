//! What shells and `man` are given.

use crate::site::{convoke, run};

#[test]
fn shells_complete_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let (good, script, said) = run(convoke().args(["completions", shell]));
        assert!(good, "{said}");
        for word in ["matrix-jwt", "reset-password", "password-file"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
        assert!(
            !script.contains("child-exec"),
            "{shell} offers what is hidden"
        );
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let (good, page, said) = run(convoke().arg("man"));
    assert!(good, "{said}");
    assert!(page.contains(".TH convoke 1"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("pages");
    let (good, _, said) = run(convoke().args(["man", "--to"]).arg(&pages));
    assert!(good, "{said}");
    let read = |name: &str| std::fs::read_to_string(pages.join(name)).unwrap();
    assert!(read("convoke-serve.1").contains("server.data_dir"));
    assert!(read("convoke-user-create.1").contains("password\\-file"));
    assert!(!pages.join("convoke-child-exec.1").exists());
}
