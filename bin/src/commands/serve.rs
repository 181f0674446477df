//! `convoke serve`: the whole meeting site, from the command line to the last byte after SIGTERM.

use std::{
    io::{Write, stdout},
    path::PathBuf,
    time::Duration,
};

use anyhow::Context;
use clap::Args;
use convoke_platform::{
    ClaimedDatabase, Config, KeptLog, Origin, Platform,
    config::{LogFormat, Setting},
};
use nix::sys::stat::{Mode, umask};
use tokio_util::sync::CancellationToken;

use crate::{
    agent_commands, certificate,
    compose::MediaSide,
    data_dir::DataDir,
    environment, listen, logging,
    matrix::{self, Gate, Matrix},
    service, shutdown,
};

/// How long requests and the media server's participants get to end.
const GRACE: Duration = Duration::from_secs(5);

/// What may be said without a configuration file.
#[derive(Debug, Args)]
pub struct Serve {
    /// Configuration file; `convoke config` prints a documented one.
    #[arg(long, env = "CONVOKE_CONFIG")]
    config: Option<PathBuf>,
    /// Folder for everything Convoke keeps (server.data_dir).
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// Port of the site (server.port).
    #[arg(long)]
    port: Option<u16>,
}

impl Serve {
    /// Serves until asked to stop, then drains: no new connections, the media server told, all bounded.
    pub async fn run(self) -> anyhow::Result<()> {
        let (mut config, settings) = self.load()?;
        let log = KeptLog::default();
        logging::start_keeping(
            &config.log.level,
            config.log.format == LogFormat::Json,
            log.clone(),
        )
        .context("log.level")?;
        let origin = Origin { settings, log };
        let stop = shutdown::requested()?;
        http_edge::raise_descriptor_limit();

        // Password hashes, keys and history are nobody else's business on this machine.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let _data_dir = DataDir::claim(&config.server.data_dir)?;
        let public = listen::Public::bind(&config.server).await?;
        config.server.port = public.port()?;
        let internal = listen::Internal::bind().await?;
        let metrics = listen::Internal::bind_metrics(config.metrics.listen).await?;
        let mut webhook_urls = vec![internal.url("/api/livekit/webhook")?];
        if config.matrix.enabled {
            webhook_urls.push(internal.url(&matrix::webhook_path())?);
        }
        let admission_url = internal.url("/api/livekit/ingress")?;
        let database = ClaimedDatabase::open(&config).await?;
        let media_side = MediaSide::start(&config, webhook_urls, admission_url).await?;
        let url = config.server.site_url();
        let mut media = media_side.media();
        let endpoint = media.endpoint.clone();
        let media_endpoint = endpoint.clone();
        let gate = config.matrix.enabled.then(|| Gate::before(&mut media));
        let platform = Platform::open(config.clone(), origin, media, database).await?;
        let matrix = match gate {
            Some(gate) => {
                let leaves = platform.delayed_leaves();
                Some(Matrix::open(&config, endpoint, leaves, gate).await?)
            }
            None => None,
        };
        let mount = |router| match &matrix {
            Some(matrix) => matrix.mount(router),
            None => router,
        };

        let server = config.server.clone();
        platform.tell_certificate_end(Box::new(move || certificate::ends_at(&server)));
        if let Some(certificate) = public.certificate() {
            platform.tell_certificate(certificate).await;
        }
        let mut site = public.serve(
            mount(platform.router()),
            platform.redirect_router(),
            media_side.turn_behind_site(),
            &config.server,
            GRACE,
        )?;
        if let Err(error) = announce(&url, platform.setup_link().as_deref()) {
            // A full disk behind it, perhaps: meetings go on.
            tracing::warn!(%error, "standard output takes nothing; the address could not be printed");
        }
        service::tell(&url, stop.clone());
        let background = CancellationToken::new();
        // Until the very end: the child's last webhooks come while it shuts down.
        internal.serve(mount(platform.internal_router()), background.clone());
        if let Some(matrix) = &matrix {
            platform.add_metrics(matrix.metrics());
        }
        if let Some(metrics) = metrics {
            metrics.serve(platform.metrics_router(), background.clone());
        }
        let work = tokio::spawn(platform.clone().run(background.clone()));

        let commands = agent_commands::start(&config, &media_endpoint)?;
        if let Some(commands) = &commands {
            platform.tell_commands(commands.keeper());
        }

        tokio::select! {
            () = stop.cancelled() => {}
            error = site.failed() => return Err(error.context("the site's listener failed")),
            () = platform.displaced() => anyhow::bail!(
                "another Convoke server has taken the database over while it could not be reached"
            ),
        }
        site.drain();
        // Before the media server sends everybody away: they will be back, and must not be said to have left.
        if let Some(matrix) = &matrix {
            matrix.close().await;
        }
        // While there is a media server that their agents can leave.
        if let Some(commands) = commands {
            commands.shutdown().await;
        }
        platform.media_stops();
        media_side.shutdown(GRACE).await;
        site.finished().await?;
        background.cancel();
        work.await.context("the background work panicked")?;
        tracing::info!("stopped");
        Ok(())
    }

    fn load(&self) -> anyhow::Result<(Config, Vec<Setting>)> {
        let said = [
            (
                "CONVOKE_SERVER__DATA_DIR",
                self.data_dir.as_ref().map(|d| d.display().to_string()),
            ),
            (
                "CONVOKE_SERVER__PORT",
                self.port.map(|port| port.to_string()),
            ),
        ];
        let flags = said
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Ok(Config::load_with_settings(
            self.config.as_deref(),
            environment::variables().chain(flags),
        )?)
    }
}

fn announce(url: &str, setup_link: Option<&str>) -> anyhow::Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "Convoke is at {url}")?;
    if let Some(link) = setup_link {
        writeln!(out, "Create the administrator, once, at {link}")?;
    }
    out.flush()?;
    Ok(())
}
