//! A YAML text as it is written: every scalar keeps its letters, whatever number, date or truth YAML sees in it.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// A value as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    Text(String),
    List(Vec<Written>),
    /// In the order of the file; a key may stand there twice.
    Section(Vec<(String, Written)>),
}

impl Written {
    /// Reads a YAML text.
    pub fn read(yaml: &str) -> Result<Written, serde_yaml::Error> {
        // What a value is made of is known only once it is read; its letters are told only to those who ask for text.
        let shape = Shaped.deserialize(serde_yaml::Deserializer::from_str(yaml))?;
        if shape == Shape::Nothing {
            return Ok(Written::Text(String::new()));
        }
        Lettered(&shape).deserialize(serde_yaml::Deserializer::from_str(yaml))
    }
}

#[derive(Debug, PartialEq)]
enum Shape {
    Nothing,
    Scalar,
    List(Vec<Shape>),
    Section(Vec<Shape>),
}

struct Shaped;

impl<'de> DeserializeSeed<'de> for Shaped {
    type Value = Shape;

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<Shape, D::Error> {
        yaml.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($method:ident($value:ty);)*) => {$(
        fn $method<E: Error>(self, _: $value) -> Result<Shape, E> {
            Ok(Shape::Scalar)
        }
    )*};
}

impl<'de> Visitor<'de> for Shaped {
    type Value = Shape;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    scalars! {
        visit_bool(bool);
        visit_i64(i64);
        visit_i128(i128);
        visit_u64(u64);
        visit_u128(u128);
        visit_f64(f64);
        visit_str(&str);
    }

    fn visit_unit<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    /// A text without any value.
    fn visit_none<E: Error>(self) -> Result<Shape, E> {
        Ok(Shape::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while let Some(shape) = access.next_element_seed(Shaped)? {
            shapes.push(shape);
        }
        Ok(Shape::List(shapes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Shape, A::Error> {
        let mut shapes = Vec::new();
        while access.next_key_seed(Lettered(&Shape::Scalar))?.is_some() {
            shapes.push(access.next_value_seed(Shaped)?);
        }
        Ok(Shape::Section(shapes))
    }

    /// A value with a tag of its own.
    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Shape, A::Error> {
        let (_, tagged) = access.variant_seed(Lettered(&Shape::Scalar))?;
        tagged.newtype_variant_seed(Shaped)
    }
}

struct Lettered<'a>(&'a Shape);

impl<'de> DeserializeSeed<'de> for Lettered<'_> {
    type Value = Written;

    fn deserialize<D: Deserializer<'de>>(self, yaml: D) -> Result<Written, D::Error> {
        match self.0 {
            Shape::Nothing | Shape::Scalar => yaml.deserialize_str(self),
            Shape::List(_) => yaml.deserialize_seq(self),
            Shape::Section(_) => yaml.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Lettered<'_> {
    type Value = Written;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("plain text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Written, E> {
        Ok(Written::Text(text.to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Written, E> {
        Ok(Written::Text(String::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Written, A::Error> {
        let (Shape::List(shapes) | Shape::Section(shapes)) = self.0 else {
            return Err(A::Error::custom("unexpected list"));
        };
        let mut list = Vec::new();
        for shape in shapes {
            list.extend(access.next_element_seed(Lettered(shape))?);
        }
        // The parser waits for the end.
        access.next_element::<serde::de::IgnoredAny>()?;
        Ok(Written::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Written, A::Error> {
        let (Shape::List(shapes) | Shape::Section(shapes)) = self.0 else {
            return Err(A::Error::custom("unexpected section"));
        };
        let mut section = Vec::new();
        let mut shapes = shapes.iter();
        while let Some(key) = access.next_key::<String>()? {
            let shape = shapes.next().unwrap_or(&Shape::Scalar);
            section.push((key, access.next_value_seed(Lettered(shape))?));
        }
        Ok(Written::Section(section))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Written {
        Written::Text(text.to_owned())
    }

    #[test]
    fn scalars_keep_their_letters() {
        for scalar in [
            "12345678901234567890123456789012",
            "99999999999999999999999999999999999999999999999999",
            "0x345678901234567890123456789012ab",
            "0o17",
            "0123",
            "12345678901234567890123456789e12",
            "1.50",
            "1_000",
            "+5",
            ".inf",
            "true",
            "No",
            "null",
            "~",
            "2026-11-28",
            "12:30:45",
            "",
        ] {
            let read = Written::read(&format!("a: {scalar}\nb: [{scalar}x]\n")).unwrap();
            let list = Written::List(vec![text(&format!("{scalar}x"))]);
            let expected =
                Written::Section(vec![("a".to_owned(), text(scalar)), ("b".to_owned(), list)]);
            assert_eq!(read, expected);
        }
    }

    #[test]
    fn sections_lists_and_what_else_yaml_has_are_read() {
        let yaml = "a: {b: ['x', \"y\", z]}\n7: !mine 0x1\nc: &d [1, []]\ne: *d\na: |\n  l\n";
        let one = Written::List(vec![text("1"), Written::List(vec![])]);
        let list = Written::List(vec![text("x"), text("y"), text("z")]);
        let expected = [
            ("a", Written::Section(vec![("b".to_owned(), list)])),
            ("7", text("0x1")),
            ("c", one.clone()),
            ("e", one),
            ("a", text("l\n")),
        ];
        let expected = expected.map(|(key, value)| (key.to_owned(), value));
        assert_eq!(
            Written::read(yaml).unwrap(),
            Written::Section(expected.into())
        );
        assert_eq!(Written::read("# nothing\n").unwrap(), text(""));
    }
}
