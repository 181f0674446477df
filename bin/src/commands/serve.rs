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
use livekit_supervisor::{Remembered, Stop};
use nix::sys::stat::{Mode, umask};
use tokio_util::sync::CancellationToken;

use crate::{
    agent_commands, certificate,
    compose::MediaSide,
    data_dir::DataDir,
    doctor, listen, logging,
    matrix::{self, Gate, Matrix},
    service,
    shutdown::{self, Asked},
    site_config,
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
    /// When asked to stop, wait until nobody is in a call, at most so many minutes, and then end the media server too. Without
    /// it a media server with calls goes on, and the next start takes it up.
    #[arg(
        long,
        value_name = "MINUTES",
        num_args = 0..=1,
        default_missing_value = "60",
        value_parser = clap::value_parser!(u64).range(1..=10_080)
    )]
    drain: Option<u64>,
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
        let asked = shutdown::asked()?;
        http_edge::raise_descriptor_limit();

        // Password hashes, keys and history are nobody else's business on this machine.
        umask(Mode::S_IRWXG | Mode::S_IRWXO);
        let _data_dir = DataDir::claim(&config.server.data_dir)?;
        let public = listen::Public::bind(&config.server).await?;
        config.server.port = public.port()?;
        let remembered = Remembered::load(&config.server.data_dir);
        let internal = listen::Internal::bind(remembered.webhook).await?;
        let metrics = listen::Internal::bind_metrics(config.metrics.listen).await?;
        let mut webhook_urls = vec![internal.url("/api/livekit/webhook")?];
        if config.matrix.enabled {
            webhook_urls.push(internal.url(&matrix::webhook_path())?);
        }
        let admission_url = internal.url("/api/livekit/ingress")?;
        let database = ClaimedDatabase::open(&config).await?;
        let media_side = MediaSide::start(&config, webhook_urls, admission_url).await?;
        let opened = Opened {
            config,
            origin,
            public,
            internal,
            metrics,
            database,
            drain: self.drain.map(Duration::from_mins),
        };
        let mut media_side = Some(media_side);
        let served = Box::pin(opened.serve(&asked, &mut media_side)).await;
        // Only where it ended too early.
        if let Some(media_side) = media_side {
            media_side.stop(stop(&asked, false)).await;
        }
        served
    }

    fn load(&self) -> anyhow::Result<(Config, Vec<Setting>)> {
        let variables = site_config::variables(self.data_dir.as_deref(), self.port);
        Ok(Config::load_with_settings(
            self.config.as_deref(),
            variables,
        )?)
    }
}

/// How the media server and what is beside it are parted with.
fn stop(asked: &Asked, drains: bool) -> Stop {
    Stop {
        grace: GRACE,
        // A container's processes end with its first one, without a farewell.
        spares_work: !asked.by_hand() && !drains && std::process::id() != 1,
    }
}

/// Everything that a site needs, none of it served yet.
struct Opened {
    config: Config,
    origin: Origin,
    public: listen::Public,
    internal: listen::Internal,
    metrics: Option<listen::Internal>,
    database: ClaimedDatabase,
    /// The longest that calls are waited for at the end.
    drain: Option<Duration>,
}

impl Opened {
    /// Serves until asked to stop; takes the media side when it parts with it.
    async fn serve(self, asked: &Asked, media: &mut Option<MediaSide>) -> anyhow::Result<()> {
        let Self {
            config,
            origin,
            public,
            internal,
            metrics,
            database,
            drain,
        } = self;
        let Some(media_side) = media else {
            return Ok(());
        };
        let url = config.server.site_url();
        let turn_behind_site = media_side.turn_behind_site();
        let mut told = media_side.media();
        let endpoint = told.endpoint.clone();
        let media_endpoint = endpoint.clone();
        let gate = config.matrix.enabled.then(|| Gate::before(&mut told));
        let opened = Platform::open(config.clone(), origin, told, database);
        let platform = Box::pin(opened).await?;
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
        platform.tell_examiner(doctor::examiner(config.clone()));
        if let Some(certificate) = public.certificate() {
            platform.tell_certificate(certificate).await;
        }
        let mut site = public.serve(
            mount(platform.router()),
            platform.redirect_router(),
            turn_behind_site,
            &config.server,
            GRACE,
        )?;
        if let Err(error) = announce(&url, platform.setup_link().as_deref()) {
            // A full disk behind it, perhaps: meetings go on.
            tracing::warn!(%error, "standard output takes nothing; the address could not be printed");
        }
        service::tell(&url, asked.to_end.clone().cancelled_owned());
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
            () = asked.to_end.cancelled() => {}
            error = site.failed() => return Err(error.context("the site's listener failed")),
            () = platform.displaced() => {
                // Nobody would take its calls up.
                media_side.tie();
                anyhow::bail!(
                    "another Convoke server has taken the database over while it could not be reached"
                )
            }
        }
        if asked.by_hand() {
            media_side.tie();
        } else if let Some(longest) = drain {
            media_side.drain(longest).await;
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
        if let Some(media_side) = media.take() {
            media_side.stop(stop(asked, drain.is_some())).await;
        }
        site.finished().await?;
        background.cancel();
        work.await.context("the background work panicked")?;
        tracing::info!("stopped");
        Ok(())
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
