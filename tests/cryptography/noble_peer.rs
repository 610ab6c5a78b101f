//! `@noble/curves`, on node, as client of our evaluation and as server of our client, in both
//! modes. The peer is `tests/interop/peer.mjs`; `npm ci` in that folder installs it.
//!
//! A machine without node fails here, unless `SARING_WITHOUT_NODE=1` says that this is meant.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use data_encoding::HEXLOWER;
use rand_core::Rng;
use saring::group::{Batch, Scalar};
use saring::hash::SeededStream;
use saring::oprf::rfc::{
    Output, blind, blind_evaluate, blind_evaluate_verifiable, derive_key_pair, evaluate_unblinded,
    finalize, finalize_verifiable,
};
use saring::oprf::{Mode, PrivateKey, Proof, Step};
use serde_json::{Value, json};

use crate::vectors::{array, arrays};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");

/// The peer's process, ended when dropped.
struct Peer {
    process: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
}

impl Peer {
    /// Starts the peer, or answers none where that is declared.
    #[allow(clippy::print_stderr, reason = "what is not tested is said aloud")]
    fn start() -> Option<Self> {
        if std::env::var("SARING_WITHOUT_NODE").is_ok_and(|value| value == "1") {
            eprintln!("NOT TESTED: @noble/curves as a peer, because SARING_WITHOUT_NODE=1");
            return None;
        }
        let mut process = Command::new("node")
            .arg("peer.mjs")
            .current_dir(FOLDER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node starts; SARING_WITHOUT_NODE=1 does without");
        let requests = process.stdin.take();
        let replies = BufReader::new(process.stdout.take().unwrap());
        Some(Self {
            process,
            requests,
            replies,
        })
    }

    fn ask(&mut self, mode: Mode, action: &str, mut request: Value) -> Value {
        request["mode"] = json!(if mode == Mode::Oprf { "oprf" } else { "voprf" });
        request["action"] = json!(action);
        writeln!(self.requests.as_mut().unwrap(), "{request}").unwrap();
        let mut line = String::new();
        self.replies.read_line(&mut line).unwrap();
        assert!(
            !line.is_empty(),
            "the peer ended: is `npm ci` done in {FOLDER}?"
        );
        serde_json::from_str(&line).unwrap()
    }

    /// A request that must succeed.
    fn done(&mut self, mode: Mode, action: &str, request: Value) -> Value {
        let reply = self.ask(mode, action, request);
        assert_eq!(reply.get("error"), None, "{action}");
        reply
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Its end of input ends it.
        drop(self.requests.take());
        self.process.wait().ok();
    }
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    HEXLOWER.encode(bytes.as_ref())
}

fn all_hex<B: AsRef<[u8]>>(all: &[B]) -> Vec<String> {
    all.iter().map(hex).collect()
}

fn batch(value: &Value) -> Batch {
    Batch::decode(arrays(value)).unwrap()
}

/// Two to five random inputs of 0 to 99 bytes, and a key.
fn round(number: usize) -> (Vec<Vec<u8>>, PrivateKey, SeededStream) {
    let mut stream = SeededStream::new(format!("noble peer {number}").as_bytes());
    let inputs = (0..=1 + number % 4)
        .map(|i| {
            let mut input = vec![0; (number * 13 + i * 37) % 100];
            stream.fill_bytes(&mut input);
            input
        })
        .collect();
    let key = PrivateKey::generate(&mut stream);
    (inputs, key, stream)
}

const ROUNDS: usize = 10;
const MODES: [Mode; 2] = [Mode::Oprf, Mode::Voprf];

#[test]
fn keys_are_derived_alike() {
    let Some(mut peer) = Peer::start() else {
        return;
    };
    for (number, mode) in (0..ROUNDS).zip(MODES.into_iter().cycle()) {
        let (inputs, key, _) = round(number);
        let (seed, info) = (key.expose(), &inputs[0]);
        let theirs = peer.done(
            mode,
            "derive",
            json!({ "seed": hex(*seed), "info": hex(info) }),
        );
        let ours = derive_key_pair(mode, &seed, info).unwrap();
        assert_eq!(theirs["secret"], json!(hex(*ours.expose())));
        assert_eq!(theirs["public"], json!(hex(ours.public().encoding())));
    }
}

#[test]
fn the_peer_as_client_of_our_evaluation() {
    let Some(mut peer) = Peer::start() else {
        return;
    };
    for (number, mode) in (0..ROUNDS).zip(MODES.into_iter().cycle()) {
        let (inputs, key, mut stream) = round(number);
        let asked = peer.done(mode, "blind", json!({ "inputs": all_hex(&inputs) }));
        let blinded = batch(&asked["blinded"]);
        let step = blind_evaluate_verifiable(&key, &blinded, &mut stream).unwrap();
        assert!(step.outputs == blind_evaluate(&key, &blinded).unwrap());
        let mut reply = json!({
            "inputs": all_hex(&inputs),
            "blinds": asked["blinds"],
            "blinded": asked["blinded"],
            "evaluated": all_hex(step.outputs.encodings()),
            "public": hex(key.public().encoding()),
            "proof": hex(step.proof.to_bytes()),
        });
        let opened = peer.done(mode, "finalize", reply.clone());
        let outputs: Vec<Output> = arrays(&opened["outputs"]);
        assert_eq!(outputs, evaluate_unblinded(mode, &key, &inputs).unwrap());
        if mode == Mode::Voprf {
            reply["public"] = json!(hex(PrivateKey::generate(&mut stream).public().encoding()));
            let refused = peer.ask(mode, "finalize", reply);
            assert!(
                refused.get("error").is_some(),
                "the control: another key is refused"
            );
        }
    }
}

#[test]
fn the_peer_as_server_of_our_client() {
    let Some(mut peer) = Peer::start() else {
        return;
    };
    for (number, mode) in (0..ROUNDS).zip(MODES.into_iter().cycle()) {
        let (inputs, key, mut stream) = round(number);
        let (blinds, sent): (Vec<Scalar>, Batch) = blind(mode, &inputs, &mut stream).unwrap();
        let request = json!({
            "secret": hex(*key.expose()),
            "public": hex(key.public().encoding()),
            "blinded": all_hex(sent.encodings()),
        });
        let reply = peer.done(mode, "evaluate", request);
        let outputs = batch(&reply["evaluated"]);
        let opened = if mode == Mode::Oprf {
            finalize(&inputs, &blinds, &outputs)
        } else {
            let proof = Proof::from_bytes(&array(&reply["proof"])).unwrap();
            finalize_verifiable(
                &inputs,
                &blinds,
                (&sent, &Step { outputs, proof }),
                key.public(),
            )
        };
        assert_eq!(
            opened.unwrap(),
            evaluate_unblinded(mode, &key, &inputs).unwrap()
        );
    }
}
