//! Shapes of bodies and parameters in the document.

use std::collections::BTreeMap;

use serde_json::Value;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::super::content::JSON;
use crate::protocol::ListId;
use crate::protocol::evaluation::BINARY;
use crate::protocol::limits::MAX_PAGE;

/// A body, in one media type.
pub(super) enum Body {
    /// A JSON value of a shape.
    Json(Shape),
    /// Bytes, as the text says.
    Bytes(&'static str),
    /// Text of another media type.
    Text(&'static str),
}

impl Body {
    pub(super) const fn media(&self) -> &'static str {
        match self {
            Self::Json(_) => JSON,
            Self::Bytes(_) => BINARY,
            Self::Text(media) => media,
        }
    }

    pub(super) fn schema(&self) -> RefOr<Schema> {
        match self {
            Self::Json(shape) => shape.schema(),
            // In OpenAPI 3.1 raw bytes have no schema but their media type; a description helps.
            Self::Bytes(about) => ObjectBuilder::new()
                .schema_type(Type::String)
                .content_media_type(BINARY)
                .description(Some(*about))
                .into(),
            Self::Text(_) => ObjectBuilder::new().schema_type(Type::String).into(),
        }
    }
}

/// A type of the protocol, or an array of it.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    name: fn() -> std::borrow::Cow<'static, str>,
    schema: fn() -> RefOr<Schema>,
    within: fn(&mut Vec<(String, RefOr<Schema>)>),
    many: bool,
}

impl Shape {
    /// One value.
    pub(super) const fn one<T: ToSchema>() -> Self {
        Self {
            name: T::name,
            schema: <T as PartialSchema>::schema,
            within: T::schemas,
            many: false,
        }
    }

    /// An array of values.
    pub(super) const fn many<T: ToSchema>() -> Self {
        Self {
            many: true,
            ..Self::one::<T>()
        }
    }

    /// Adds the type and every type within it.
    pub(super) fn register(&self, schemas: &mut BTreeMap<String, RefOr<Schema>>) {
        let mut within = vec![((self.name)().into_owned(), (self.schema)())];
        (self.within)(&mut within);
        schemas.extend(within);
    }

    fn schema(&self) -> RefOr<Schema> {
        let one = RefOr::Ref(Ref::from_schema_name((self.name)()));
        if self.many {
            ArrayBuilder::new().items(one).into()
        } else {
            one
        }
    }
}

/// The schema of a parameter of a path or a query.
pub(super) fn of_parameter(name: &str) -> RefOr<Schema> {
    let number = |least: usize, most: usize| {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(least as f64))
            .maximum(Some(most as f64))
            .into()
    };
    match name {
        "list" => ListId::schema(),
        "sequence" | "from" => number(0, u64::MAX as usize),
        "limit" => number(1, MAX_PAGE),
        "after" => ObjectBuilder::new()
            .schema_type(Type::String)
            .description(Some("`next` of the page before"))
            .into(),
        _ => number(0, u32::MAX as usize),
    }
}

/// Frees every description of what only rustdoc reads: `[text](path)` and `[text]` become `text`.
pub(super) fn plain_descriptions(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = plain(text),
                    other => plain_descriptions(other),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain_descriptions),
        _ => {}
    }
}

fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("[`") {
        plain.push_str(before);
        let Some((name, tail)) = after.split_once("`]") else {
            plain.push_str("[`");
            rest = after;
            continue;
        };
        plain.push('`');
        plain.push_str(name);
        plain.push('`');
        rest = match tail.strip_prefix('(').and_then(|tail| tail.split_once(')')) {
            Some((_, tail)) => tail,
            None => tail,
        };
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_become_their_words() {
        let linked = "At most [`MAX`](super::MAX), or [`None`], never [`open";
        assert_eq!(plain(linked), "At most `MAX`, or `None`, never [`open");
    }
}
