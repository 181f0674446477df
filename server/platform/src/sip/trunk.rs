//! A trunk: the way to a telephony provider, for calls that come in or go out. It knows LiveKit's messages, not HTTP.

use std::collections::BTreeMap;

use garde::Validate;
use livekit_protocol as proto;
use serde::{Deserialize, Serialize};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, OneOfBuilder, RefOr, Schema, Type},
};

use super::field::{
    LONGEST_METADATA, LONGEST_TEXT, LONGEST_TIME, check_map, check_texts, map, metadata,
    needed_text, seconds, text, text_or_null, texts,
};

/// A trunk as the media server has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Trunk {
    /// `ST_…`
    pub id: String,
    /// Whether a password is set; it is told nobody.
    pub has_password: bool,
    pub settings: TrunkSettings,
}

/// What is set of a trunk.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TrunkSettings {
    /// Calls come in by it.
    Inbound(InboundTrunk),
    /// Calls go out by it.
    Outbound(OutboundTrunk),
}

/// As derived it would be what no value fits: each kind refuses the fields that it does not know, `kind` as well.
impl PartialSchema for TrunkSettings {
    fn schema() -> RefOr<Schema> {
        let kinds = OneOfBuilder::new()
            .item(with_kind(InboundTrunk::schema(), "inbound"))
            .item(with_kind(OutboundTrunk::schema(), "outbound"));
        kinds.description(Some("What is set of a trunk.")).into()
    }
}

impl ToSchema for TrunkSettings {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        InboundTrunk::schemas(schemas);
        OutboundTrunk::schemas(schemas);
    }
}

fn with_kind(trunk: RefOr<Schema>, name: &str) -> RefOr<Schema> {
    let RefOr::T(Schema::Object(mut object)) = trunk else {
        return trunk;
    };
    let kind = ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some([name]));
    object.properties.insert("kind".to_owned(), kind.into());
    object.required.push("kind".to_owned());
    Schema::Object(object).into()
}

impl Validate for TrunkSettings {
    type Context = ();

    fn validate_into(
        &self,
        context: &(),
        parent: &mut dyn FnMut() -> garde::Path,
        report: &mut garde::Report,
    ) {
        match self {
            TrunkSettings::Inbound(trunk) => trunk.validate_into(context, parent, report),
            TrunkSettings::Outbound(trunk) => trunk.validate_into(context, parent, report),
        }
    }
}

impl TrunkSettings {
    pub fn name(&self) -> &str {
        match self {
            TrunkSettings::Inbound(trunk) => &trunk.name,
            TrunkSettings::Outbound(trunk) => &trunk.name,
        }
    }
}

/// How sound is encrypted between provider and SIP service (SRTP).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MediaEncryption {
    #[default]
    Disable,
    Allow,
    Require,
}

impl MediaEncryption {
    fn of(number: i32) -> MediaEncryption {
        match proto::SipMediaEncryption::try_from(number) {
            Ok(proto::SipMediaEncryption::SipMediaEncryptAllow) => MediaEncryption::Allow,
            Ok(proto::SipMediaEncryption::SipMediaEncryptRequire) => MediaEncryption::Require,
            Ok(proto::SipMediaEncryption::SipMediaEncryptDisable) | Err(_) => {
                MediaEncryption::Disable
            }
        }
    }

    /// What `media` says goes before the older field.
    pub fn read(media: Option<&proto::SipMediaConfig>, older: i32) -> MediaEncryption {
        MediaEncryption::of(media.and_then(|media| media.encryption).unwrap_or(older))
    }

    pub fn write(self, media: &mut Option<proto::SipMediaConfig>, older: &mut i32) {
        *older = self.number();
        if let Some(media) = media {
            media.encryption = Some(self.number());
        }
    }

    fn number(self) -> i32 {
        let named = match self {
            MediaEncryption::Disable => proto::SipMediaEncryption::SipMediaEncryptDisable,
            MediaEncryption::Allow => proto::SipMediaEncryption::SipMediaEncryptAllow,
            MediaEncryption::Require => proto::SipMediaEncryption::SipMediaEncryptRequire,
        };
        named.into()
    }
}

/// Which headers of a call become attributes `sip.h.*` of its participant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum IncludeHeaders {
    #[default]
    None,
    /// Those that begin with `X-`.
    X,
    All,
}

impl IncludeHeaders {
    fn of(number: i32) -> IncludeHeaders {
        match proto::SipHeaderOptions::try_from(number) {
            Ok(proto::SipHeaderOptions::SipXHeaders) => IncludeHeaders::X,
            Ok(proto::SipHeaderOptions::SipAllHeaders) => IncludeHeaders::All,
            Ok(proto::SipHeaderOptions::SipNoHeaders) | Err(_) => IncludeHeaders::None,
        }
    }

    fn number(self) -> i32 {
        let named = match self {
            IncludeHeaders::None => proto::SipHeaderOptions::SipNoHeaders,
            IncludeHeaders::X => proto::SipHeaderOptions::SipXHeaders,
            IncludeHeaders::All => proto::SipHeaderOptions::SipAllHeaders,
        };
        named.into()
    }
}

/// What SIP itself is carried over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    #[default]
    Auto,
    Udp,
    Tcp,
    Tls,
}

impl Transport {
    fn of(number: i32) -> Transport {
        match proto::SipTransport::try_from(number) {
            Ok(proto::SipTransport::Udp) => Transport::Udp,
            Ok(proto::SipTransport::Tcp) => Transport::Tcp,
            Ok(proto::SipTransport::Tls) => Transport::Tls,
            Ok(proto::SipTransport::Auto) | Err(_) => Transport::Auto,
        }
    }

    fn number(self) -> i32 {
        let named = match self {
            Transport::Auto => proto::SipTransport::Auto,
            Transport::Udp => proto::SipTransport::Udp,
            Transport::Tcp => proto::SipTransport::Tcp,
            Transport::Tls => proto::SipTransport::Tls,
        };
        named.into()
    }
}

/// A way for calls to come in.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InboundTrunk {
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    pub name: String,
    /// The numbers that it takes calls for; any where empty, and then it needs a password or addresses.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub numbers: Vec<String>,
    /// Addresses or networks (CIDR) that may call; any where empty.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub allowed_addresses: Vec<String>,
    /// Numbers that may call; any where empty.
    #[garde(custom(check_texts))]
    #[serde(default)]
    #[schema(schema_with = texts)]
    pub allowed_numbers: Vec<String>,
    /// Who calls must say this; empty: nothing is asked.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    pub auth_username: String,
    /// Left out or `null`: as it is.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = text_or_null)]
    pub auth_password: Option<String>,
    /// Headers of the answer to a call.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub headers: BTreeMap<String, String>,
    /// Headers of a call that become attributes, by the attributes' names.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub headers_to_attributes: BTreeMap<String, String>,
    /// Attributes that become headers when a call ends or goes on, by the headers' names.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub attributes_to_headers: BTreeMap<String, String>,
    #[garde(skip)]
    #[serde(default)]
    pub include_headers: IncludeHeaders,
    /// Seconds that a caller waits for somebody; `null`: LiveKit's own.
    #[garde(range(max = LONGEST_TIME))]
    #[serde(default)]
    #[schema(schema_with = seconds)]
    pub ringing_timeout: Option<u32>,
    /// Seconds after which a call ends; `null`: LiveKit's own.
    #[garde(range(max = LONGEST_TIME))]
    #[serde(default)]
    #[schema(schema_with = seconds)]
    pub max_call_duration: Option<u32>,
    #[garde(skip)]
    #[serde(default)]
    pub media_encryption: MediaEncryption,
    #[garde(length(bytes, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    pub metadata: String,
}

/// A way for calls to go out.
#[derive(Debug, Serialize, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutboundTrunk {
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    pub name: String,
    /// The provider's host or address, with a port where it has its own.
    #[garde(length(chars, min = 1, max = LONGEST_TEXT))]
    #[schema(schema_with = needed_text)]
    pub address: String,
    #[garde(skip)]
    #[serde(default)]
    pub transport: Transport,
    /// Two letters of the country that is called most; empty: unknown.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    pub destination_country: String,
    /// The numbers that calls come from; one of them is chosen.
    #[garde(custom(check_texts))]
    #[schema(schema_with = texts)]
    pub numbers: Vec<String>,
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    pub auth_username: String,
    /// Left out or `null`: as it is.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = text_or_null)]
    pub auth_password: Option<String>,
    /// Host of the caller's address; empty: the SIP service's own.
    #[garde(length(chars, max = LONGEST_TEXT))]
    #[serde(default)]
    #[schema(schema_with = text)]
    pub from_host: String,
    /// Headers of each call.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub headers: BTreeMap<String, String>,
    /// Headers of an answer that become attributes, by the attributes' names.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub headers_to_attributes: BTreeMap<String, String>,
    /// Attributes that become headers when a call ends or goes on, by the headers' names.
    #[garde(custom(check_map))]
    #[serde(default)]
    #[schema(schema_with = map)]
    pub attributes_to_headers: BTreeMap<String, String>,
    #[garde(skip)]
    #[serde(default)]
    pub include_headers: IncludeHeaders,
    #[garde(skip)]
    #[serde(default)]
    pub media_encryption: MediaEncryption,
    #[garde(length(bytes, max = LONGEST_METADATA))]
    #[serde(default)]
    #[schema(schema_with = metadata)]
    pub metadata: String,
}

impl Trunk {
    /// As it is shown to somebody who only looks: providers' headers may hold keys, and metadata anything.
    pub fn without_secrets(mut self) -> Trunk {
        let (headers, metadata) = match &mut self.settings {
            TrunkSettings::Inbound(trunk) => (&mut trunk.headers, &mut trunk.metadata),
            TrunkSettings::Outbound(trunk) => (&mut trunk.headers, &mut trunk.metadata),
        };
        headers.values_mut().for_each(String::clear);
        metadata.clear();
        self
    }
}

impl InboundTrunk {
    /// Writes it into what the media server has, whose other fields stay.
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    pub fn write_into(self, trunk: &mut proto::SipInboundTrunkInfo) {
        trunk.name = self.name;
        trunk.numbers = self.numbers;
        trunk.allowed_addresses = self.allowed_addresses;
        trunk.allowed_numbers = self.allowed_numbers;
        trunk.auth_username = self.auth_username;
        if let Some(password) = self.auth_password {
            trunk.auth_password = password;
        }
        trunk.headers = self.headers.into_iter().collect();
        trunk.headers_to_attributes = self.headers_to_attributes.into_iter().collect();
        trunk.attributes_to_headers = self.attributes_to_headers.into_iter().collect();
        trunk.include_headers = self.include_headers.number();
        trunk.ringing_timeout = None;
        if let Some(seconds) = self.ringing_timeout {
            trunk.ringing_timeout.get_or_insert_default().seconds = seconds.into();
        }
        trunk.max_call_duration = None;
        if let Some(seconds) = self.max_call_duration {
            trunk.max_call_duration.get_or_insert_default().seconds = seconds.into();
        }
        self.media_encryption
            .write(&mut trunk.media, &mut trunk.media_encryption);
        trunk.metadata = self.metadata;
    }
}

impl OutboundTrunk {
    /// Writes it into what the media server has, whose other fields stay.
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    pub fn write_into(self, trunk: &mut proto::SipOutboundTrunkInfo) {
        trunk.name = self.name;
        trunk.address = self.address;
        trunk.transport = self.transport.number();
        trunk.destination_country = self.destination_country;
        trunk.numbers = self.numbers;
        trunk.auth_username = self.auth_username;
        if let Some(password) = self.auth_password {
            trunk.auth_password = password;
        }
        trunk.from_host = self.from_host;
        trunk.headers = self.headers.into_iter().collect();
        trunk.headers_to_attributes = self.headers_to_attributes.into_iter().collect();
        trunk.attributes_to_headers = self.attributes_to_headers.into_iter().collect();
        trunk.include_headers = self.include_headers.number();
        self.media_encryption
            .write(&mut trunk.media, &mut trunk.media_encryption);
        trunk.metadata = self.metadata;
    }
}

impl From<proto::SipInboundTrunkInfo> for Trunk {
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    fn from(trunk: proto::SipInboundTrunkInfo) -> Trunk {
        Trunk {
            id: trunk.sip_trunk_id,
            has_password: !trunk.auth_password.is_empty(),
            settings: TrunkSettings::Inbound(InboundTrunk {
                name: trunk.name,
                numbers: trunk.numbers,
                allowed_addresses: trunk.allowed_addresses,
                allowed_numbers: trunk.allowed_numbers,
                auth_username: trunk.auth_username,
                auth_password: None,
                headers: trunk.headers.into_iter().collect(),
                headers_to_attributes: trunk.headers_to_attributes.into_iter().collect(),
                attributes_to_headers: trunk.attributes_to_headers.into_iter().collect(),
                include_headers: IncludeHeaders::of(trunk.include_headers),
                ringing_timeout: trunk
                    .ringing_timeout
                    .and_then(|time| u32::try_from(time.seconds).ok()),
                max_call_duration: trunk
                    .max_call_duration
                    .and_then(|time| u32::try_from(time.seconds).ok()),
                media_encryption: MediaEncryption::read(
                    trunk.media.as_ref(),
                    trunk.media_encryption,
                ),
                metadata: trunk.metadata,
            }),
        }
    }
}

impl From<proto::SipOutboundTrunkInfo> for Trunk {
    #[expect(
        deprecated,
        reason = "older livekit-servers know no other field for encryption"
    )]
    fn from(trunk: proto::SipOutboundTrunkInfo) -> Trunk {
        Trunk {
            id: trunk.sip_trunk_id,
            has_password: !trunk.auth_password.is_empty(),
            settings: TrunkSettings::Outbound(OutboundTrunk {
                name: trunk.name,
                address: trunk.address,
                transport: Transport::of(trunk.transport),
                destination_country: trunk.destination_country,
                numbers: trunk.numbers,
                auth_username: trunk.auth_username,
                auth_password: None,
                from_host: trunk.from_host,
                headers: trunk.headers.into_iter().collect(),
                headers_to_attributes: trunk.headers_to_attributes.into_iter().collect(),
                attributes_to_headers: trunk.attributes_to_headers.into_iter().collect(),
                include_headers: IncludeHeaders::of(trunk.include_headers),
                media_encryption: MediaEncryption::read(
                    trunk.media.as_ref(),
                    trunk.media_encryption,
                ),
                metadata: trunk.metadata,
            }),
        }
    }
}
