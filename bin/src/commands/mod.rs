//! The commands, one file each.

mod backup;
mod child_exec;
mod completions;
mod config;
mod doctor;
mod egress;
mod ingress;
mod load;
mod man;
mod matrix_jwt;
mod media_server;
mod mock_server;
mod restore;
mod serve;
mod stop;
mod user;

use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

/// What `convoke` can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole meeting site: web UI, API and the supervised media server.
    Serve(serve::Serve),
    /// End the media server and what is beside it, which go on with their calls when the site is stopped.
    Stop(stop::Stop),
    /// Run only the built-in LiveKit-compatible media server, from LiveKit's own YAML.
    MediaServer(media_server::MediaServer),
    /// Run only the recorder: LiveKit's Egress for any LiveKit server.
    Egress(egress::Egress),
    /// Run only the ingress process: RTMP for the built-in media server.
    Ingress(ingress::Ingress),
    /// Run only the Matrix service that gives Element Call its LiveKit tokens, in place of lk-jwt-service.
    MatrixJwt(matrix_jwt::MatrixJwt),
    /// Run a programmable mock of LiveKit's API and signal socket, for SDK tests.
    MockServer(mock_server::MockServer),
    /// Print the documented default configuration, or check a file.
    Config(config::Config),
    /// Write the site's database, keys and certificates into one file, while it runs or not.
    Backup(backup::Backup),
    /// Put a backup into a data folder, where no site runs.
    Restore(restore::Restore),
    /// Find out what keeps people out of calls here, and say it in plain words.
    Doctor(doctor::Doctor),
    /// Make and list accounts, and help somebody back into one.
    User(user::User),
    /// Measure a LiveKit server with one publisher and many subscribers.
    Load(load::Load),
    /// Print a shell's completions of these commands.
    Completions(completions::Completions),
    /// Print the manual page, or write those of all commands.
    Man(man::Man),
    /// The supervisor's last step before a child's program; not for people.
    #[command(hide = true)]
    ChildExec(child_exec::ChildExec),
}

impl Command {
    /// Runs the command to its end.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let done = match self {
            Command::ChildExec(command) => return command.run(),
            Command::Config(command) => command.run(),
            Command::Completions(command) => {
                command.run();
                Ok(())
            }
            Command::Man(command) => command.run(),
            Command::Doctor(command) => {
                return on_runtime(async { Ok(Box::pin(command.run()).await) });
            }
            Command::Load(command) => on_runtime(command.run()),
            Command::Backup(command) => on_runtime(command.run()),
            Command::Restore(command) => on_runtime(command.run()),
            Command::User(command) => on_runtime(command.run()),
            Command::Serve(command) => on_runtime(command.run()),
            Command::Stop(command) => on_runtime(command.run()),
            Command::MediaServer(command) => on_runtime(command.run()),
            Command::Egress(command) => on_runtime(command.run()),
            Command::Ingress(command) => on_runtime(command.run()),
            Command::MatrixJwt(command) => on_runtime(command.run()),
            Command::MockServer(command) => on_runtime(command.run()),
        };
        done.map(|()| ExitCode::SUCCESS)
    }
}

fn on_runtime<Done>(command: impl Future<Output = anyhow::Result<Done>>) -> anyhow::Result<Done> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("a TLS provider is already installed"))?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?
        .block_on(command)
}
