//! Fills an answer with plausible values: what the request said under the same name, ids, and one element per list.

use prost_reflect::{
    DynamicMessage, FieldDescriptor, Kind, MessageDescriptor, ReflectMessage, Value,
};

/// The answer of this type to `request`.
pub(crate) fn populated(response: &MessageDescriptor, request: &DynamicMessage) -> DynamicMessage {
    let mut answer = DynamicMessage::new(response.clone());
    for field in response.fields() {
        if let Some(value) = echo(&field, request).or_else(|| placeholder(&field)) {
            answer.set_field(&field, value);
        } else if let (true, Kind::Message(element)) = (field.is_list(), field.kind()) {
            let element = Value::Message(with_ids(&element));
            answer.set_field(&field, Value::List(vec![element]));
        }
    }
    answer
}

/// An element of a list: only its ids are filled.
fn with_ids(message: &MessageDescriptor) -> DynamicMessage {
    let mut element = DynamicMessage::new(message.clone());
    for field in message.fields() {
        if let Some(id) = placeholder(&field) {
            element.set_field(&field, id);
        }
    }
    element
}

/// The request's value of the same name, when both are single and of the same scalar kind.
fn echo(field: &FieldDescriptor, request: &DynamicMessage) -> Option<Value> {
    let same = request.descriptor().get_field_by_name(field.name())?;
    let scalar = !matches!(field.kind(), Kind::Message(_) | Kind::Enum(_));
    let single = !is_repeated(field) && !is_repeated(&same);
    (scalar && single && same.kind() == field.kind() && request.has_field(&same))
        .then(|| request.get_field(&same).into_owned())
}

fn placeholder(field: &FieldDescriptor) -> Option<Value> {
    let name = field.name();
    let is_id = matches!(name, "id" | "sid") || name.ends_with("_id") || name.ends_with("_sid");
    (is_id && field.kind() == Kind::String && !is_repeated(field))
        .then(|| Value::String(format!("MOCK_{}", name.to_uppercase())))
}

fn is_repeated(field: &FieldDescriptor) -> bool {
    field.is_list() || field.is_map()
}
