use projection::operations::Difference;
use serde::Serialize;
use utoipa::ToSchema;

/// A document that differs from the expected one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Difference)]
pub(super) struct DifferenceBody {
    /// The document's key.
    #[schema(example = "0193a5b2c4d67e8f9a0b1c2d3e4f5061")]
    document: String,
    /// The stored document as JSON text, cut to 2,000 characters.
    #[schema(example = r#"{"status":"APPROVED"}"#)]
    stored: String,
    /// The expected document: the fold of the events (a sweep), or the document of the serving generation (a rebuild).
    #[schema(example = r#"{"status":"DELIVERED"}"#)]
    expected: String,
}

impl From<Difference> for DifferenceBody {
    fn from(difference: Difference) -> Self {
        Self {
            document: difference.key,
            stored: difference.stored,
            expected: difference.expected,
        }
    }
}

pub(super) fn bodies(differences: Vec<Difference>) -> Vec<DifferenceBody> {
    differences.into_iter().map(DifferenceBody::from).collect()
}
