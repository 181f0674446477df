//! `GET /settings/regions`: where else a client may turn.

use axum::response::{IntoResponse, Response};
use http::{
    HeaderMap, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};
use livekit_wire::{
    Encoding,
    proto::{RegionInfo, RegionSettings},
};

use crate::{
    control::Control,
    failure::Failure,
    region::{self, Region},
};

/// The regions, of which a pin leaves only its own.
pub(crate) fn list(region: &Region, headers: &HeaderMap) -> Response {
    let control = match region.control(headers) {
        Ok(control) => control,
        Err(error) => return Failure::Control(error).into_response(),
    };
    if let Some(status) = control
        .regions_status
        .filter(|status| *status != StatusCode::OK)
    {
        return Failure::Regions(status).into_response();
    }
    match Encoding::Json.encode(&settings(&region.mock.urls, &control)) {
        Ok(body) => {
            let headers = [
                (CONTENT_TYPE, HeaderValue::from_static("application/json")),
                // A client that kept the list would carry one test's regions into the next.
                (CACHE_CONTROL, HeaderValue::from_static("max-age=0")),
                region.header(),
            ];
            (headers, body).into_response()
        }
        Err(error) => Failure::Encoding(error).into_response(),
    }
}

fn settings(urls: &[String], control: &Control) -> RegionSettings {
    let regions = (0..)
        .zip(urls)
        .map(|(distance, url)| RegionInfo {
            region: region::name(distance),
            url: url.clone(),
            distance,
        })
        .filter(|info| !control.pins_away(&info.region))
        .collect();
    RegionSettings { regions }
}
