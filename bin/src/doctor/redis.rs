//! Asks the Redis of an official livekit-server whether it answers and lets us in.

use std::time::Duration;

use convoke_platform::Config;
use secrecy::ExposeSecret;
use tokio::time::timeout;
use url::Url;

/// Its address, and whether it took a PING; `None`: there is none.
pub async fn ping(config: &Config, patience: Duration) -> Option<(String, Result<(), String>)> {
    let redis = &config.livekit.redis;
    let address = redis.address.clone().filter(|_| !config.livekit.external)?;
    let scheme = if redis.use_tls { "rediss" } else { "redis" };
    let Ok(mut url) = Url::parse(&format!("{scheme}://{address}/{}", redis.db)) else {
        return Some((address, Err("that is no address".to_owned())));
    };
    // Escaped by the URL; shown to nobody.
    let _ = url.set_username(redis.username.as_deref().unwrap_or_default());
    let _ = url.set_password(redis.password.as_ref().map(ExposeSecret::expose_secret));
    let asked = async {
        let client = redis::Client::open(url.as_str())?;
        let mut connection = client.get_multiplexed_async_connection().await?;
        let _: String = redis::cmd("PING").query_async(&mut connection).await?;
        Ok::<_, redis::RedisError>(())
    };
    let answered = match timeout(patience, asked).await {
        Ok(answered) => answered.map_err(|error| error.to_string()),
        Err(_) => Err("no answer".to_owned()),
    };
    Some((address, answered))
}
