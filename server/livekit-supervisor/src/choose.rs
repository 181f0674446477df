//! Which program becomes the child. Looks at files only; starts nothing.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Serialize;

use crate::{
    keeper::{Order, Question},
    options::{Command, Engine, Options},
    state::RunningEngine,
};

const LIVEKIT_SERVER: &str = "livekit-server";

/// Why no program was chosen.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChooseError {
    /// `binary` names nothing that can be run.
    #[error("livekit binary {} {problem}", path.display())]
    Binary {
        /// The configured path.
        path: PathBuf,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The official server is wanted and is nowhere.
    #[error("no {LIVEKIT_SERVER} in {} or on PATH; install it, name it, or let the engine be auto or built-in", data_dir.display())]
    NotFound {
        /// The data folder.
        data_dir: PathBuf,
    },
}

/// The chosen program, without its `--config FILE`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub engine: RunningEngine,
    pub command: Command,
}

pub fn choose(options: &Options) -> Result<Chosen, ChooseError> {
    let official = match options.engine {
        Engine::BuiltIn => None,
        Engine::Auto | Engine::LivekitServer => find_official(options)?,
    };
    match (official, options.engine) {
        (Some(program), _) => Ok(Chosen {
            engine: RunningEngine::LivekitServer,
            command: Command {
                program,
                args: Vec::new(),
            },
        }),
        (None, Engine::LivekitServer) => Err(ChooseError::NotFound {
            data_dir: options.data_dir.clone(),
        }),
        (None, Engine::Auto | Engine::BuiltIn) => Ok(Chosen {
            engine: RunningEngine::BuiltIn,
            command: options.built_in.clone(),
        }),
    }
}

fn find_official(options: &Options) -> Result<Option<PathBuf>, ChooseError> {
    if let Some(path) = &options.binary {
        return match problem_with(path) {
            None => Ok(Some(path.clone())),
            Some(problem) => Err(ChooseError::Binary {
                path: path.clone(),
                problem,
            }),
        };
    }
    let on_path = options
        .search_path
        .as_deref()
        .map(split)
        .unwrap_or_default();
    Ok(std::iter::once(options.data_dir.clone())
        .chain(on_path)
        .map(|folder| folder.join(LIVEKIT_SERVER))
        .find(|path| problem_with(path).is_none()))
}

/// Empty entries of PATH mean the working folder; a program from there is a surprise, so they are skipped.
fn split(search_path: &OsStr) -> Vec<PathBuf> {
    std::env::split_paths(search_path)
        .filter(|folder| folder.is_absolute())
        .collect()
}

fn problem_with(path: &Path) -> Option<&'static str> {
    match fs::metadata(path) {
        Err(_) => Some("does not exist"),
        Ok(metadata) if !metadata.is_file() => Some("is not a file"),
        Ok(metadata) if metadata.permissions().mode() & 0o111 == 0 => Some("is not executable"),
        Ok(_) => None,
    }
}

/// What a keeper is told of the child: started through `child_exec`, so that it dies with its keeper. Fails on a word that is
/// not UTF-8.
pub fn order(
    record: PathBuf,
    (chosen, child_exec): (&Command, &Command),
    config_path: &Path,
    config_file: Option<PathBuf>,
    question: Question,
    alone_for: Duration,
    told: &impl Serialize,
) -> io::Result<Order> {
    let words = |args: &[OsString]| -> io::Result<Vec<String>> {
        let word = |arg: &OsString| arg.clone().into_string();
        let words: Result<_, OsString> = args.iter().map(word).collect();
        words.map_err(|word| io::Error::other(format!("{} is not UTF-8", word.display())))
    };
    let mut args = chosen.args.clone();
    args.extend(["--config".into(), config_path.as_os_str().to_owned()]);
    Ok(Order {
        record,
        last_step: (child_exec.program.clone(), words(&child_exec.args)?),
        line: (chosen.program.clone(), words(&args)?),
        config_file,
        question,
        idle: u64::try_from(alone_for.as_millis()).unwrap_or(u64::MAX),
        told: serde_json::to_value(told)?,
    })
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    struct House {
        data: tempfile::TempDir,
        path: tempfile::TempDir,
        elsewhere: tempfile::TempDir,
    }

    impl House {
        fn new() -> Self {
            let new = || tempfile::tempdir().unwrap();
            Self {
                data: new(),
                path: new(),
                elsewhere: new(),
            }
        }

        fn options(&self) -> Options {
            let command = |name: &str| Command {
                program: name.into(),
                args: vec![],
            };
            let mut options = Options::new(
                self.data.path().to_owned(),
                command("/convoke"),
                command("/convoke-exec"),
            );
            options.search_path =
                Some(std::env::join_paths([Path::new("relative"), self.path.path()]).unwrap());
            options
        }
    }

    fn install(folder: &Path) -> PathBuf {
        let path = folder.join(LIVEKIT_SERVER);
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        path
    }

    fn program(options: &Options) -> (RunningEngine, PathBuf) {
        let chosen = choose(options).unwrap();
        (chosen.engine, chosen.command.program)
    }

    #[test]
    fn without_an_official_server_the_built_in_one_runs() {
        let house = House::new();
        assert_eq!(
            program(&house.options()),
            (RunningEngine::BuiltIn, "/convoke".into())
        );
    }

    #[test]
    fn the_named_binary_comes_before_the_data_folder_and_that_before_path() {
        let house = House::new();
        let on_path = install(house.path.path());
        let mut options = house.options();
        assert_eq!(program(&options), (RunningEngine::LivekitServer, on_path));
        let in_data = install(house.data.path());
        assert_eq!(program(&options), (RunningEngine::LivekitServer, in_data));
        let named = install(house.elsewhere.path());
        options.binary = Some(named.clone());
        assert_eq!(program(&options), (RunningEngine::LivekitServer, named));
    }

    #[test]
    fn a_named_binary_that_is_missing_is_an_error_that_names_it() {
        let house = House::new();
        install(house.path.path());
        let mut options = house.options();
        options.binary = Some("/nowhere/livekit-server".into());
        assert_eq!(
            choose(&options).unwrap_err().to_string(),
            "livekit binary /nowhere/livekit-server does not exist"
        );
    }

    #[test]
    fn a_named_binary_must_be_an_executable_file() {
        let house = House::new();
        let mut options = house.options();
        options.binary = Some(house.elsewhere.path().to_owned());
        assert!(
            choose(&options)
                .unwrap_err()
                .to_string()
                .ends_with("is not a file")
        );
        let path = install(house.elsewhere.path());
        fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
        options.binary = Some(path);
        assert!(
            choose(&options)
                .unwrap_err()
                .to_string()
                .ends_with("is not executable")
        );
    }

    #[test]
    fn the_engine_option_forces_either_server() {
        let house = House::new();
        let mut options = house.options();
        options.engine = Engine::LivekitServer;
        assert!(matches!(
            choose(&options),
            Err(ChooseError::NotFound { .. })
        ));
        install(house.data.path());
        options.engine = Engine::BuiltIn;
        assert_eq!(program(&options).0, RunningEngine::BuiltIn);
    }
}
