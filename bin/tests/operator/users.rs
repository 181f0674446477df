//! `convoke user` beside a running site.

use std::{
    fs,
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::site::{EMAIL, PASSWORD, Site, convoke, run};

fn user(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = convoke();
    command.arg("user").args(arguments);
    command.arg("--data-dir").arg(data_dir);
    command
}

#[tokio::test]
async fn accounts_are_made_listed_and_helped_while_the_site_runs() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let site = Site::start(&data_dir);

    // Before anybody has set the site up: an unattended installation.
    let mut create = user(
        &data_dir,
        &["create", EMAIL, "--role", "admin", "--password-file", "-"],
    );
    create.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = create.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{PASSWORD}").unwrap();
    let made = child.wait_with_output().unwrap();
    assert!(made.status.success());
    assert!(!String::from_utf8(made.stdout).unwrap().contains(PASSWORD));
    let token = site.sign_in(EMAIL).await;
    let (_, me) = site
        .ask(Method::GET, "/api/auth/me", Some(&token), None)
        .await;
    assert_eq!(
        (&me["role"], &me["name"]),
        (&json!("admin"), &json!("root"))
    );
    let (_, about) = site.ask(Method::GET, "/api/site", None, None).await;
    assert_eq!(about["setup_required"], false);

    let create = ["create", "ada@example.org", "--name", "Ada Lovelace"];
    let (good, link, said) = run(&mut user(&data_dir, &create));
    assert!(good, "{said}");
    assert_eq!(link.lines().count(), 1, "{link}");
    assert!(link.contains("/reset-password#token="), "{link}");
    let (good, _, said) = run(&mut user(&data_dir, &create));
    assert!(!good);
    assert_eq!(
        said.trim(),
        "convoke: this e-mail address has an account already"
    );

    let (good, listed, said) = run(&mut user(&data_dir, &["list", "--json"]));
    assert!(good, "{said}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let told: Vec<_> = listed.as_array().unwrap().iter().collect();
    assert_eq!((told.len(), &told[0]["email"]), (2, &json!(EMAIL)));
    assert_eq!(told[1]["name"], "Ada Lovelace");
    let (_, table, _) = run(&mut user(&data_dir, &["list"]));
    let ada = table.lines().last().unwrap();
    let words: Vec<&str> = ada.split_whitespace().collect();
    let expected = [
        "user",
        "active",
        "never",
        "ada@example.org",
        "Ada",
        "Lovelace",
    ];
    assert_eq!(words, expected, "{table}");

    let (good, again, said) = run(&mut user(&data_dir, &["reset-password", "ADA@example.org"]));
    assert!(good, "{said}");
    assert_ne!(again, link);
    for (link, status) in [(&link, 403), (&again, 200), (&again, 403)] {
        let token = link.trim().split_once("#token=").unwrap().1;
        let chosen = json!({"token": token, "password": PASSWORD});
        let path = "/api/auth/reset-password";
        let (told, answer) = site.ask(Method::POST, path, None, Some(chosen)).await;
        assert_eq!(told, status, "{answer}");
    }
    site.sign_in("ada@example.org").await;
}

#[test]
fn what_cannot_be_done_is_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let (good, _, said) = run(&mut user(folder.path(), &["list"]));
    assert!(!good);
    assert!(
        said.starts_with("convoke: there is no database at "),
        "{said}"
    );
    let empty = folder.path().join("empty");
    fs::write(&empty, "\n").unwrap();
    let file = format!("--password-file={}", empty.display());
    let (good, _, said) = run(&mut user(folder.path(), &["create", EMAIL, &file]));
    assert!(!good);
    assert!(said.contains("holds no password"), "{said}");
    let mut king = user(folder.path(), &["create", EMAIL, "--role", "king"]);
    let (good, _, said) = run(&mut king);
    assert!(!good);
    assert!(said.contains("user, auditor, support, admin"), "{said}");
}
