//! Whatever the control headers say, the answer is HTTP with a body that can be read, or the connection is dropped as
//! asked: no panic, no hang beyond the delay that was asked for.

use std::{
    sync::LazyLock,
    time::{Duration, Instant},
};

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;

use crate::harness::{
    BOTH, CREATE_ROOM, CREATE_SIP_PARTICIPANT, Encoding, Mock, PATIENCE, TRANSFER_SIP_PARTICIPANT,
};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
static MOCK: LazyLock<Mock> = LazyLock::new(|| RUNTIME.block_on(Mock::start()));

/// Values that an HTTP header can carry; delays among them are short.
fn garbage() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,40}",
        "[ -~äöüß€]{0,20}",
        "[-+]?[0-9]{1,2}",
        "[{}\\[\\]\",:a-z0-9]{0,40}",
        Just(String::new()),
    ]
}

fn older_headers() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let header = prop_oneof![
        (
            Just("X-Lk-Mock-Fail-Regions"),
            prop_oneof![Just("0".to_owned()), Just("0,1".to_owned()), garbage()]
        ),
        (
            Just("X-Lk-Mock-Fail-Mode"),
            prop_oneof![
                Just("status".to_owned()),
                Just("drop".to_owned()),
                Just("truncate".to_owned()),
                garbage(),
            ]
        ),
        (
            Just("X-Lk-Mock-Fail-Status"),
            prop_oneof!["[0-9]{1,4}", garbage()]
        ),
        (Just("X-Lk-Mock-Fail-Twirp-Code"), garbage()),
        (Just("X-Lk-Mock-Delay-Ms"), garbage()),
        (
            Just("X-Lk-Mock-Regions-Status"),
            prop_oneof!["[0-9]{1,4}", garbage()]
        ),
        (
            Just("X-Lk-Mock-Response"),
            prop_oneof![json_text(), garbage()]
        ),
        (
            Just("X-Lk-Mock-Skip-Auth"),
            prop_oneof![Just("true".to_owned()), garbage()]
        ),
    ];
    proptest::collection::vec(header, 0..5)
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..700_i64).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("region-0")),
        Just(json!("drop")),
        Just(json!("truncate")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("sid|name|code|status|[a-z]{1,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn json_text() -> impl Strategy<Value = String> {
    any_json().prop_map(|json| json.to_string())
}

fn control() -> impl Strategy<Value = String> {
    const FIELDS: [&str; 9] = [
        "failRegions",
        "failMode",
        "failStatus",
        "failTwirpCode",
        "regionsStatus",
        "response",
        "skipAuth",
        "sipStatus",
        "pinnedRegions",
    ];
    let field = (proptest::sample::select(&FIELDS), any_json());
    let fields = proptest::collection::vec(field, 0..5);
    let built = (fields, proptest::option::of(0..30_u32)).prop_map(|(fields, delay)| {
        let mut object: Map<String, Value> = Map::new();
        for (name, value) in fields {
            object.insert(name.to_owned(), value);
        }
        // Always there: a call's natural latency would make the test long.
        object.insert("delayMs".to_owned(), json!(delay.unwrap_or(0)));
        object.insert("skipAuth".to_owned(), json!(true));
        Value::Object(object).to_string()
    });
    prop_oneof![4 => built, 1 => json_text(), 1 => garbage()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_headers_get_a_readable_answer(
        older in older_headers(),
        control in proptest::option::of(control()),
        key in proptest::sample::select(&[
            CREATE_ROOM, CREATE_SIP_PARTICIPANT, "livekit.SIP/ListSIPTrunk", "livekit.Egress/StopEgress", "a.B/C", "",
        ][..]),
        encoding in proptest::sample::select(&BOTH[..]),
    ) {
        let path = format!("{TRANSFER_SIP_PARTICIPANT}/nothing");
        let mut call = match key {
            "" => MOCK.get("/settings/regions"),
            "a.B/C" => MOCK.call(&path),
            key => MOCK.call(key),
        };
        call = call.encoding(encoding);
        let asked: String = older.iter().map(|(_, value)| value.as_str()).chain(control.as_deref()).collect();
        for (name, value) in older {
            call = call.header(name, value);
        }
        if let Some(control) = control {
            call = call.header("X-Lk-Mock", control);
        }
        let begin = Instant::now();
        let answer = RUNTIME.block_on(call.try_send());
        // Whatever was asked for is a delay of a tenth of a second at most.
        prop_assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
        match answer {
            Ok(answer) => {
                prop_assert!((200..600).contains(&answer.status));
                if answer.status != 200 && answer.content_type == Encoding::Json.content_type() && !answer.body.is_empty() {
                    let error = answer.json();
                    prop_assert!(error["code"].is_string() && error["msg"].is_string(), "{error}");
                }
                prop_assert_ne!(answer.status == 200 && answer.region.is_none(), true);
            }
            Err(error) => {
                prop_assert!(!error.is_timeout() && !error.is_connect(), "{error:?} within {PATIENCE:?}");
                let asked = asked.to_ascii_lowercase();
                prop_assert!(asked.contains("drop") || asked.contains("truncate"), "{error:?}: {asked}");
            }
        }
    }
}
