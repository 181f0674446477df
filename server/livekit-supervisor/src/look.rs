//! What would be started, without starting it: for those who look for a fault. It must not make or change a file.

use crate::{
    choose::{ChooseError, choose},
    options::Options,
    state::RunningEngine,
    version::version_of,
};

/// Which server these options choose.
pub fn engine(options: &Options) -> Result<RunningEngine, ChooseError> {
    choose(options).map(|chosen| chosen.engine)
}

/// What that server says its version is; `None` where none is chosen, or it says nothing.
pub async fn version(options: &Options) -> Option<String> {
    let chosen = choose(options).ok()?;
    version_of(&chosen, &options.built_in_version).await
}
