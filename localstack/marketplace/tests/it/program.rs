//! Tests of the program from the outside.

use crate::api::Api;
use crate::process::{Process, program};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn killed_process_loses_no_acknowledged_command_and_its_views_catch_up() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let api = Api::new(process.url());
    let (consumer, restaurant) = (api.consumer().await, api.restaurant().await);
    let acknowledged = Arc::<Mutex<Vec<String>>>::default();
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (api, acknowledged) = (api.clone(), acknowledged.clone());
            let (consumer, restaurant) = (consumer.clone(), restaurant.clone());
            tokio::spawn(async move {
                // Until the process is killed in the middle of a request.
                while let Ok(order) = api.try_order(&consumer, &restaurant).await {
                    acknowledged.lock().unwrap().push(order);
                }
            })
        })
        .collect();
    while acknowledged.lock().unwrap().len() < 60 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.kill();
    for client in clients {
        client.await.unwrap();
    }

    let process = Process::start(data.path());
    let api = Api::new(process.url());
    let orders = acknowledged.lock().unwrap().clone();
    for order in &orders {
        api.approved(order).await;
    }
    let listed = api.listed(&consumer).await;
    for order in orders {
        assert!(
            listed.contains(&(order.clone(), "APPROVED".into())),
            "{order} is not listed as approved"
        );
    }
}

#[test]
fn used_port_is_reported_with_next_step() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = program().args(["--port", &port]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn folder_in_use_is_reported_with_next_step() {
    let data = tempfile::tempdir().unwrap();
    let _process = Process::start(data.path());
    let output = program()
        .args(["--port", "0", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("in use") && said.contains("--data"), "{said}");
}

#[cfg(unix)]
#[test]
fn program_ends_cleanly_on_a_signal() {
    for signal in ["INT", "TERM"] {
        let data = tempfile::tempdir().unwrap();
        assert!(Process::start(data.path()).signal(signal).success(), "{signal}");
    }
}

#[test]
fn openapi_output_is_deterministic() {
    let print = || program().arg("openapi").output().unwrap();
    let (one, two) = (print(), print());
    assert!(one.status.success());
    assert_eq!(one.stdout, two.stdout);
    let document: serde_json::Value = serde_json::from_slice(&one.stdout).unwrap();
    assert!(document["paths"]["/orders"]["post"].is_object());
    assert!(document["paths"]["/orders"]["get"].is_object());
}

#[tokio::test(flavor = "multi_thread")]
async fn printed_command_works() {
    let data = tempfile::tempdir().unwrap();
    let process = Process::start(data.path());
    let (_, command) = process.ready.split_once("Try: ").expect("a command to try");
    let command = command.replacen("curl", "curl -s", 1);
    let output = tokio::process::Command::new("sh")
        .args(["-c", &command])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
}
