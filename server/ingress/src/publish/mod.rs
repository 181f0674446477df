//! One stream from its encoder into its room: fed to an ffmpeg, published as a participant, and how that goes told to the media
//! server. It must not know RTMP's commands.

mod feed;
mod room;

use std::{pin::pin, time::Duration};

use livekit_wire::proto::IngressInfo;
use tokio::{
    sync::oneshot,
    time::{sleep, timeout},
};

use crate::{
    encoder::{Encoder, Order},
    encoding,
    media_server::LetIn,
    opening,
    rtmp::Connection,
    server::Shared,
};

/// What ffmpeg still has when its input ends.
const REST_WITHIN: Duration = Duration::from_secs(2);
/// What it says last comes a little after its end.
const WORDS_WITHIN: Duration = Duration::from_millis(200);

/// Publishes until the encoder, the room, the media server or this process ends it.
pub async fn run(shared: &Shared, mut connection: Connection, let_in: LetIn) {
    let LetIn {
        ingress,
        token,
        mut word,
    } = let_in;
    let (begin, mut begun) = oneshot::channel();
    let outcome = {
        let mut streaming = pin!(stream(shared, &mut connection, &ingress, &token, begin));
        let mut is_told = false;
        loop {
            tokio::select! {
                outcome = &mut streaming => break outcome,
                begins = &mut begun, if !is_told => {
                    is_told = true;
                    if begins.is_ok() {
                        word.publishing().await;
                    }
                }
                // Deleted; or the media server is gone, and its rooms with it.
                () = word.closed() => break Ok(()),
                () = shared.stop.cancelled() => break Ok(()),
            }
        }
    };
    let id = &ingress.ingress_id;
    match &outcome {
        Ok(()) => tracing::info!(ingress = id, "an encoder's stream ended"),
        Err(error) => tracing::warn!(ingress = id, error, "an encoder's stream failed"),
    }
    word.ended(outcome.err()).await;
}

/// An error is for whoever tends the encoder.
async fn stream(
    shared: &Shared,
    connection: &mut Connection,
    ingress: &IngressInfo,
    token: &str,
    begin: oneshot::Sender<()>,
) -> Result<(), String> {
    let heard = opening::listen(connection).await;
    let Some((opening, came)) = heard.map_err(|error| error.to_string())? else {
        return Err("the encoder sent nothing".to_owned());
    };
    let order = Order {
        opening,
        pictures: encoding::pictures(ingress),
        sound: encoding::sound(ingress),
    };
    let started = Encoder::start(&shared.settings.ffmpeg, order, &ingress.ingress_id);
    let (encoder, input, made) =
        started.map_err(|error| format!("ffmpeg cannot be started: {error}"))?;
    let mut fed = pin!(feed::feed(connection, input, order, came));
    let mut shown = pin!(room::show(shared, ingress, token, made, begin));
    let over = tokio::select! {
        fed = &mut fed => match fed? {
            feed::Fed::All => {
                // Whatever is left then is left out.
                return timeout(REST_WITHIN, shown).await.map_or(Ok(()), |shown| shown.map(|_| ()));
            }
            feed::Fed::Refused => None,
        },
        shown = &mut shown => Some(shown?),
    };
    match over {
        Some(room::Over::Left) => Ok(()),
        Some(room::Over::NoMore) | None => {
            sleep(WORDS_WITHIN).await;
            let words = encoder.last_words();
            let said = if words.is_empty() {
                "nothing more"
            } else {
                &words
            };
            Err(format!("ffmpeg ended: {said}"))
        }
    }
}
