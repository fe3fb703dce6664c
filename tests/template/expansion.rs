use crate::deployment::Deployment;
use crate::json::source;
use serde_json::Value;

#[test]
#[ignore = "needs SAM's transform: localstack/template.sh runs it"]
fn sam_expansion_has_the_same_resources_as_the_source() {
    let file = std::env::var("BELVEDERE_EXPANDED_TEMPLATE")
        .expect("BELVEDERE_EXPANDED_TEMPLATE names the expanded template");
    let expanded: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let (said, deployed) = (
        Deployment::of_source(&source()),
        Deployment::of_expansion(&expanded),
    );
    // This covers roles and policies: SAM adds some of its own to a function that has none.
    assert_eq!(
        said.resources.keys().collect::<Vec<_>>(),
        deployed.resources.keys().collect::<Vec<_>>()
    );
    for (name, resource) in &said.resources {
        assert_eq!(
            resource["Properties"], deployed.resources[name]["Properties"],
            "{name}"
        );
    }
    assert_eq!(said.functions, deployed.functions);
    assert_eq!(said.mappings, deployed.mappings);
    assert_eq!(said.routes, deployed.routes);
}
