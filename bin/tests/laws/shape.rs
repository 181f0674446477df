//! Laws of every file: what the media core may touch, how a module opens, how long and how named a file is.

use super::house::House;

const CORE: [&str; 5] = ["room", "participant", "peer", "forward", "turn"];
const VAGUE: [&str; 6] = ["utils", "util", "helpers", "helper", "manager", "common"];
const LONGEST: usize = 800;

/// Sockets, files and HTTP stay out of the media core: input and time in, output and deadline out.
pub fn core(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for folder in CORE {
        let folder = format!("server/media-server/src/{folder}/");
        for source in house.below(&folder) {
            for name in &source.names {
                let name: Vec<&str> = name.iter().map(String::as_str).collect();
                let touches = match name[..] {
                    ["tokio", part, ..] => part != "sync",
                    ["std", "net", kind, ..] => kind.starts_with("Udp") || kind.starts_with("Tcp"),
                    ["std", "fs" | "thread", ..] | ["axum" | "hyper" | "reqwest", ..] => true,
                    _ => false,
                };
                if touches {
                    found.push(format!("{} names {}", source.path, name.join("::")));
                }
            }
        }
    }
    found
}

/// Every file says first what it is for.
pub fn opening(house: &House) -> Vec<String> {
    house
        .sources
        .iter()
        .filter(|source| !source.opening.starts_with("//! ") && !source.opening.starts_with("#!["))
        .map(|source| source.path.clone())
        .collect()
}

/// No file is longer than one sitting (its tests not counted), and none is named for nothing.
pub fn files(house: &House) -> Vec<String> {
    let mut found = Vec::new();
    for source in &house.sources {
        if !source.is_test() && source.lines > LONGEST {
            found.push(format!("{} has more than {LONGEST} lines", source.path));
        }
        let vague = source
            .path
            .trim_end_matches(".rs")
            .split('/')
            .any(|part| VAGUE.contains(&part));
        if vague {
            found.push(format!("{} has a name that says nothing", source.path));
        }
    }
    found
}
