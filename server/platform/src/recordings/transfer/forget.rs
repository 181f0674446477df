//! Tells the recorder that its files of a recording are not needed any more.

use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    jobs::{Job, JobError, Retry},
};

/// Has the recorder delete what it has of one egress.
#[derive(Debug, Serialize, Deserialize)]
pub struct ForgetFiles {
    pub egress_id: String,
}

impl Job for ForgetFiles {
    const NAME: &'static str = "recordings.forget_files";
    // A recorder that makes a film for hours keeps it until it is done.
    const RETRY: Retry = Retry::FOR_EVER;

    async fn run(self, app: &App, _: &CancellationToken) -> Result<(), JobError> {
        let Some(recorder) = &app.recorder else {
            return Ok(());
        };
        let forgotten = recorder.forget(&self.egress_id, app.now()).await;
        forgotten.map_err(|error| JobError::Retry(error.to_string()))
    }
}
