//! What a request proves who it is from by: its Bearer tokens, or its header whole. A proxy in front may add Basic credentials: those are its own and never ours.

use http::{HeaderMap, header};

/// Every Bearer token in the Authorization headers, in their order.
pub fn bearer_tokens(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .filter_map(|value| {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then(|| token.trim())
                .filter(|token| !token.is_empty())
        })
}

/// The Authorization header whole, as LiveKit's own requests have it: a token without a scheme. Empty where there is none.
pub fn authorization(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION);
    let text = value.and_then(|value| value.to_str().ok());
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bearer_tokens_are_tokens() {
        let mut headers = HeaderMap::new();
        for value in [
            "Basic eDp5",
            "Bearer one",
            "bearer  two ",
            "Bearer ",
            "Bearer",
        ] {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        let tokens: Vec<_> = bearer_tokens(&headers).collect();
        assert_eq!(tokens, ["one", "two"]);
    }
}
