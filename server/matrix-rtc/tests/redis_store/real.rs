//! The real Redis, on a socket in a folder of its own.

use std::{path::PathBuf, process::Stdio, sync::Arc};

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::harness::eventually;

/// A running `redis-server`; what it took is on the disk before it says so.
pub struct RealRedis {
    pub folder: Arc<TempDir>,
    process: Child,
}

impl RealRedis {
    pub async fn start() -> Self {
        Self::start_in(Arc::new(tempfile::tempdir().unwrap())).await
    }

    pub async fn start_in(folder: Arc<TempDir>) -> Self {
        let socket = socket(&folder);
        if socket.exists() {
            std::fs::remove_file(&socket).unwrap();
        }
        let process = Command::new("redis-server")
            .args([
                "--port",
                "0",
                "--save",
                "",
                "--appendonly",
                "yes",
                "--appendfsync",
                "always",
            ])
            .arg("--unixsocket")
            .arg(&socket)
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        eventually("redis-server listens", || socket.exists()).await;
        Self { folder, process }
    }

    pub fn url(&self) -> String {
        format!("unix://{}", socket(&self.folder).display())
    }

    pub async fn kill(&mut self) {
        self.process.kill().await.unwrap();
    }
}

fn socket(folder: &TempDir) -> PathBuf {
    folder.path().join("redis.sock")
}
