//! The headers that tell browsers what our pages may do, who may embed and keep them, and that cookies need TLS.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, HeaderValue, header};

use super::SiteAddress;
use crate::{app::App, config::Tls};

/// Adds them to every answer; an answer that is no page gets the strictest policy.
pub async fn add(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let site = SiteAddress::of(&app, request.uri(), request.headers(), request.extensions());
    // Whoever asks further in need not read it again.
    request.extensions_mut().insert(site.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if site.is_https() {
        secure_cookies(headers);
    }
    let mut add = |name: &'static str, value: &'static str| {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    };
    add(
        "content-security-policy",
        "default-src 'none'; frame-ancestors 'none'",
    );
    // What is kept says so itself: the page and its files.
    add("cache-control", "no-store");
    add("x-content-type-options", "nosniff");
    add("x-frame-options", "DENY");
    // Room links and setup links must not travel to other sites.
    add("referrer-policy", "same-origin");
    add("cross-origin-opener-policy", "same-origin");
    add("cross-origin-resource-policy", "same-origin");
    if app.config.server.is_https() && is_believed(&app) {
        add("strict-transport-security", "max-age=31536000");
    }
    response
}

/// Whether browsers take the certificate without a warning: one that remembers the header would not let people pass it.
fn is_believed(app: &App) -> bool {
    match app.config.server.tls {
        Tls::SelfSigned => false,
        Tls::Off | Tls::Files => true,
        Tls::Acme => match app.certificate.get() {
            Some(certificate) => certificate.is_trusted(),
            None => false,
        },
    }
}

/// What a script may do where it runs as a worker, which takes no page's policy: ask this site.
pub fn for_script() -> HeaderMap {
    let policy = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
    );
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers
}

/// A browser on TLS sends them nowhere else. Not said to others: they would throw such a cookie away.
fn secure_cookies(headers: &mut HeaderMap) {
    let header::Entry::Occupied(mut cookies) = headers.entry(header::SET_COOKIE) else {
        return;
    };
    for cookie in &mut cookies {
        let secure = [cookie.as_bytes(), b"; Secure"].concat();
        if let Ok(secure) = HeaderValue::from_bytes(&secure) {
            *cookie = secure;
        }
    }
}

/// What the web UI's page may do: its own scripts, the camera, and the media server's socket.
pub fn for_page(app: &App, site: &SiteAddress) -> HeaderMap {
    // Not every browser lets 'self' stand for ws and wss as well.
    let mut connect = vec!["'self'".to_owned()];
    if let Some(host) = site.addressed() {
        connect.extend([format!("ws://{host}"), format!("wss://{host}")]);
    }
    for region in app.every_region() {
        let signal = region.livekit.signal_url(site);
        if !connect.contains(&signal) {
            // livekit-client asks over HTTP why its socket was refused, and the page how long its way there is.
            let over_http = signal.replacen("ws", "http", 1);
            connect.extend([signal, over_http]);
        }
    }
    let connect = connect.join(" ");
    // Films may lie in a bucket that browsers fetch them from.
    let films = app.stores.origin().map(|origin| format!(" {origin}"));
    let films = films.unwrap_or_default();
    let policy = format!(
        "default-src 'self'; script-src 'self'; style-src 'self'; \
         img-src 'self' data: blob:; media-src 'self' blob: mediastream:{films}; connect-src {connect}; \
         worker-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; \
         form-action 'self'"
    );
    let mut headers = HeaderMap::new();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert("content-security-policy", policy);
    }
    headers.insert(
        "permissions-policy",
        HeaderValue::from_static(
            "camera=(self), microphone=(self), display-capture=(self), speaker-selection=(self)",
        ),
    );
    headers
}
