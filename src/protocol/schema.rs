//! How the protocol's own text forms look in an OpenAPI document (JSON Schema 2020-12).

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, SchemaType, Type};

/// `bytes` bytes as hexadecimal digits.
pub(super) fn hexadecimal(bytes: usize) -> RefOr<Schema> {
    let digits = 2 * bytes;
    text(
        &format!("^[0-9a-fA-F]{{{digits}}}$"),
        digits,
        digits,
        &format!("{bytes} bytes as {digits} hexadecimal digits"),
    )
}

/// Text of `least` to `most` characters that `pattern` describes.
pub(super) fn text(pattern: &str, least: usize, most: usize, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
        .min_length(Some(least))
        .max_length(Some(most))
        .description(Some(description))
        .into()
}

/// One of `names`.
pub(super) fn one_of(names: impl Iterator<Item = &'static str>) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(names))
        .into()
}

/// A UTC day.
pub(super) fn day() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .description(Some("a UTC day, YYYY-MM-DD"))
        .into()
}

/// A time.
pub(super) fn milliseconds() -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::Integer))
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .description(Some("milliseconds since 1970-01-01T00:00:00Z"))
        .into()
}

/// Gives a type the schema that an expression makes.
macro_rules! schema {
    ($name:ty, $schema:expr) => {
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                $schema
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

pub(super) use schema;
