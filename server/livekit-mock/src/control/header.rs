//! Reading a control from a request's headers: the older `X-Lk-Mock-*`, then the fields of `X-Lk-Mock` over them. What
//! cannot be read is refused by name: a test that controls nothing would pass for the wrong reason.

use std::{fmt::Display, str};

use http::HeaderMap;

use super::{
    Control,
    overlay::{FinalStatus, Milliseconds, Overlay},
};

const MOCK: &str = "X-Lk-Mock";
const FAIL_REGIONS: &str = "X-Lk-Mock-Fail-Regions";
const FAIL_MODE: &str = "X-Lk-Mock-Fail-Mode";
const FAIL_STATUS: &str = "X-Lk-Mock-Fail-Status";
const FAIL_TWIRP_CODE: &str = "X-Lk-Mock-Fail-Twirp-Code";
const DELAY_MS: &str = "X-Lk-Mock-Delay-Ms";
const REGIONS_STATUS: &str = "X-Lk-Mock-Regions-Status";
const RESPONSE: &str = "X-Lk-Mock-Response";
const SKIP_AUTH: &str = "X-Lk-Mock-Skip-Auth";

/// A control header that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the header {header}: {problem}")]
pub struct ControlError {
    /// Its name.
    pub header: &'static str,
    /// What is wrong with its value.
    pub problem: String,
}

/// The control in `headers`; `None` when not one of them speaks to the mock.
pub(crate) fn requested(headers: &HeaderMap) -> Result<Option<Control>, ControlError> {
    let mut control = Control::default();
    let mut any = false;
    let mut take = |name: &'static str| -> Result<Option<&str>, ControlError> {
        any |= headers.contains_key(name);
        text(headers, name)
    };

    if let Some(text) = take(FAIL_REGIONS)? {
        control.fail_regions = regions(text).map_err(problem(FAIL_REGIONS))?;
    }
    if let Some(text) = take(FAIL_MODE)? {
        control.fail_mode = text.parse().map_err(problem(FAIL_MODE))?;
    }
    if let Some(text) = take(FAIL_STATUS)? {
        control.fail_status = Some(status(FAIL_STATUS, text)?.0);
    }
    if let Some(text) = take(FAIL_TWIRP_CODE)? {
        control.fail_twirp_code = Some(text.to_owned());
    }
    if let Some(text) = take(DELAY_MS)? {
        let delay = Milliseconds::try_from(number(DELAY_MS, text)?).map_err(problem(DELAY_MS))?;
        control.fail_delay = Some(delay.0);
    }
    if let Some(text) = take(REGIONS_STATUS)? {
        control.regions_status = Some(status(REGIONS_STATUS, text)?.0);
    }
    if let Some(text) = take(RESPONSE)? {
        control.response = Some(serde_json::from_str(text).map_err(problem(RESPONSE))?);
    }
    if let Some(text) = take(SKIP_AUTH)? {
        let lower = text.to_ascii_lowercase();
        control.skip_auth = lower.parse().map_err(problem(SKIP_AUTH))?;
    }
    if let Some(text) = take(MOCK)? {
        overlay(text)?.lay_over(&mut control);
    }
    Ok(any.then_some(control))
}

/// The first value of a header without the space around it; an empty one says nothing.
fn text<'a>(headers: &'a HeaderMap, name: &'static str) -> Result<Option<&'a str>, ControlError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = str::from_utf8(value.as_bytes()).map_err(problem(name))?;
    Ok(Some(text.trim()).filter(|text| !text.is_empty()))
}

fn overlay(text: &str) -> Result<Overlay, ControlError> {
    // A list would be taken for the fields in their order.
    if text.starts_with('{') {
        serde_json::from_str(text).map_err(problem(MOCK))
    } else {
        Err(problem(MOCK)("not a JSON object"))
    }
}

fn problem<E: Display>(header: &'static str) -> impl FnOnce(E) -> ControlError {
    move |error| ControlError {
        header,
        problem: error.to_string(),
    }
}

fn regions(text: &str) -> Result<Vec<u32>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            part.parse()
                .map_err(|_| format!("{part:?} is not the index of a region"))
        })
        .collect()
}

fn number(header: &'static str, text: &str) -> Result<u64, ControlError> {
    text.parse()
        .map_err(|_| problem(header)(format!("{text:?} is not a whole number")))
}

fn status(header: &'static str, text: &str) -> Result<FinalStatus, ControlError> {
    FinalStatus::try_from(number(header, text)?).map_err(problem(header))
}
