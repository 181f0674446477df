//! A browser: keeps cookies, proves itself against CSRF, and reads answers.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};

use axum::{Router, body::Body, extract::ConnectInfo};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

/// A browser on one machine.
#[derive(Clone)]
pub struct TestClient {
    router: Router,
    pub cookies: BTreeMap<String, String>,
    /// Sent with every request.
    pub headers: HeaderMap,
    /// The address it connects from.
    pub ip: IpAddr,
    /// The account it is signed in to, when the harness signed it in.
    pub user_id: String,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// Null when the body is no JSON.
    pub json: Value,
}

impl Answer {
    /// The problem's stable code.
    pub fn code(&self) -> &str {
        self.json["code"].as_str().unwrap_or_default()
    }
}

impl TestClient {
    pub fn new(router: Router) -> TestClient {
        let mut headers = HeaderMap::new();
        headers.insert("x-convoke-csrf", HeaderValue::from_static("1"));
        TestClient {
            router,
            cookies: BTreeMap::new(),
            headers,
            ip: IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
            user_id: String::new(),
        }
    }

    /// The same client of another server.
    pub fn on(&self, router: Router) -> TestClient {
        TestClient {
            router,
            ..self.clone()
        }
    }

    /// Signs in with a Bearer token instead of cookies from now on.
    pub fn use_bearer(&mut self, token: &str) {
        self.cookies.clear();
        self.headers.remove("x-convoke-csrf");
        self.set_header(header::AUTHORIZATION, &format!("Bearer {token}"));
    }

    pub fn set_header(&mut self, name: HeaderName, value: &str) {
        self.headers
            .insert(name, HeaderValue::from_str(value).unwrap());
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    /// What is on all pages of a list; `path` has a query.
    pub async fn get_all(&mut self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("{path}{cursor}")).await;
            assert_eq!(page.status, 200, "{page:?}");
            items.extend(page.json["items"].as_array().unwrap().iter().cloned());
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    pub async fn post(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, Some(body)).await
    }

    pub async fn put(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, Some(body)).await
    }

    pub async fn patch(&mut self, path: &str, body: Value) -> Answer {
        self.send(Method::PATCH, path, Some(body)).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.request(request.body(body).unwrap()).await
    }

    /// Sends `request` with this browser's address, cookies and headers (those it lacks).
    pub async fn request(&mut self, mut request: Request<Body>) -> Answer {
        self.prepare(&mut request);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        self.keep_cookies(&parts.headers);
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            json: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    /// Opens a stream of events.
    pub async fn watch(&mut self, path: &str) -> EventStream {
        let mut request = Request::get(path).body(Body::empty()).unwrap();
        self.prepare(&mut request);
        let response = self.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 200);
        EventStream {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// Gives `request` this browser's address, cookies and headers (those it lacks).
    pub fn prepare(&self, request: &mut Request<Body>) {
        for (name, value) in &self.headers {
            request
                .headers_mut()
                .entry(name)
                .or_insert_with(|| value.clone());
        }
        if !self.cookies.is_empty() {
            let cookies: Vec<String> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let value = HeaderValue::from_str(&cookies.join("; ")).unwrap();
            request.headers_mut().insert(header::COOKIE, value);
        }
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::new(self.ip, 40_000)));
    }

    fn keep_cookies(&mut self, headers: &HeaderMap) {
        for value in headers.get_all(header::SET_COOKIE) {
            let text = value.to_str().unwrap();
            let (pair, attributes) = text.split_once(';').unwrap_or((text, ""));
            let (name, value) = pair.split_once('=').unwrap();
            if value.is_empty() || attributes.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// One server-sent event.
#[derive(Debug, PartialEq)]
pub struct StreamEvent {
    pub kind: String,
    pub id: String,
    pub data: Value,
}

/// An open stream of events.
pub struct EventStream {
    body: Body,
    text: String,
}

impl EventStream {
    /// Waits for the stream's end; before it there must be no further event.
    pub async fn end(&mut self) {
        let rest = std::mem::replace(&mut self.body, Body::empty());
        let rest = rest.collect().await.unwrap().to_bytes();
        assert_eq!((self.text.as_str(), &rest[..]), ("", b"".as_slice()));
    }

    /// Waits for the next event.
    pub async fn next(&mut self) -> StreamEvent {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    event
                        .lines()
                        .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
                        .unwrap_or_default()
                        .to_owned()
                };
                let event = StreamEvent {
                    kind: field("event"),
                    id: field("id"),
                    data: serde_json::from_str(&field("data")).unwrap_or(Value::Null),
                };
                self.text = rest.to_owned();
                return event;
            }
            let frame = self.body.frame().await.expect("the stream ended").unwrap();
            if let Ok(bytes) = frame.into_data() {
                self.text.push_str(std::str::from_utf8(&bytes).unwrap());
            }
        }
    }
}
