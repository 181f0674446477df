//! Section `agents`: programs of others that are started beside the site, such as workers of livekit-agents.

use std::{fmt, path::PathBuf};

use serde::{Deserialize, Deserializer, de::Error};

use super::{fault::Refusals, value};

/// Processes of one command.
pub const MOST_PROCESSES: u8 = 16;
const MOST_COMMANDS: usize = 32;

/// Section `agents`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct Agents {
    pub commands: Vec<AgentCommand>,
    pub drain_seconds: u32,
}

/// One entry of `agents.commands`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.example.yaml documents every key")]
pub struct AgentCommand {
    pub name: CommandName,
    #[serde(deserialize_with = "command")]
    pub command: Vec<String>,
    #[serde(default, deserialize_with = "value::optional")]
    pub env_file: Option<PathBuf>,
    #[serde(default, deserialize_with = "value::optional")]
    pub working_dir: Option<PathBuf>,
    #[serde(default = "one", deserialize_with = "count")]
    pub count: u8,
}

/// What a command is called: in addresses as well, so plain letters only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CommandName(String);

impl CommandName {
    /// Its letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for CommandName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<CommandName, D::Error> {
        let text = String::deserialize(deserializer)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(is_plain) {
            Ok(CommandName(text))
        } else {
            let why = "a command's name must be 1 to 64 letters, digits, dashes and underscores";
            Err(D::Error::custom(why))
        }
    }
}

const fn one() -> u8 {
    1
}

fn command<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let why = "a command must be a list: the program, then its arguments, such as [python, agent.py, start]";
    let words = Vec::<String>::deserialize(deserializer).map_err(|_| D::Error::custom(why))?;
    match words.first() {
        Some(program) if !program.is_empty() => Ok(words),
        _ => Err(D::Error::custom(why)),
    }
}

// What stands in a list keeps its letters: numbers come as text.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let text = String::deserialize(deserializer)?;
    let count = text.trim().parse().ok();
    count
        .filter(|count| *count <= MOST_PROCESSES)
        .ok_or_else(|| D::Error::custom("the count of a command must be between 0 and 16"))
}

impl Agents {
    pub(super) fn check(&self, refused: &mut Refusals) {
        let mut names: Vec<_> = self.commands.iter().map(|it| &it.name).collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        refused.unless(!twice, "commands", "must have a name of its own for each");
        refused.unless(
            self.commands.len() <= MOST_COMMANDS,
            "commands",
            "must be no more than 32",
        );
        refused.unless(
            (1..=3600).contains(&self.drain_seconds),
            "drain_seconds",
            "must be between 1 and 3600",
        );
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::config::Config;

    fn load(text: &str) -> Result<Agents, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let loaded = Config::load(Some(file.path()), []);
        loaded
            .map(|config| config.agents)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn a_command_is_named_with_what_it_needs() {
        let agents = load(
            "agents:\n  commands:\n    - name: helper-1\n      command: [python, agent.py, start]\n      count: 2\n\
             \x20     env_file: /etc/helper.env\n      working_dir: /srv\n    - {name: other, command: [7]}\n",
        )
        .unwrap();
        let [helper, other] = &agents.commands[..] else {
            panic!("{agents:?}")
        };
        assert_eq!(helper.name.as_str(), "helper-1");
        assert_eq!(helper.command, ["python", "agent.py", "start"]);
        assert_eq!(helper.count, 2);
        assert_eq!(helper.env_file, Some("/etc/helper.env".into()));
        assert_eq!(helper.working_dir, Some("/srv".into()));
        assert_eq!((other.count, &other.env_file), (1, &None));
        assert_eq!(other.command, ["7"]);
        assert!(Config::default().agents.commands.is_empty());
    }

    #[test]
    fn of_a_command_only_its_name_is_told() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let text = "agents: {commands: [{name: helper, command: [run, --key, hidden]}]}";
        file.write_all(text.as_bytes()).unwrap();
        let (_, settings) = Config::load_with_settings(Some(file.path()), []).unwrap();
        let told = settings.iter().find(|told| told.key == "agents.commands");
        assert_eq!(told.unwrap().value, serde_json::json!(["helper"]));
    }

    #[test]
    fn what_cannot_be_a_command_is_refused_with_a_reason() {
        let of = |entry: &str| load(&format!("agents: {{commands: [{entry}]}}")).unwrap_err();
        for (entry, why) in [
            ("{name: 'a b', command: [x]}", "letters, digits, dashes"),
            ("{name: a, command: []}", "a command must be a list"),
            (
                "{name: a, command: python agent.py}",
                "a command must be a list",
            ),
            ("{name: a, command: [x], count: 17}", "between 0 and 16"),
            ("{name: a, command: [x], env: y}", "unknown field `env`"),
            ("{name: a}", "missing field `command`"),
            (
                "{name: a, command: [x]}, {name: a, command: [y]}",
                "a name of its own",
            ),
            ("python", "agents.commands"),
        ] {
            let said = of(entry);
            assert!(said.contains(why), "{entry}: {said}");
        }
    }
}
