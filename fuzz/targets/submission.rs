//! Submissions and their replies in the binary form: what is read is written back byte for byte, and
//! JSON carries the same.
#![no_main]

use saring::protocol::submission::{Submission, SubmissionReply};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(submission) = Submission::from_bytes(data) {
        assert!(Submission::is_binary(data));
        assert_eq!(submission.to_bytes(), data);
        let json = serde_json::to_vec(&submission).expect("has a form");
        let read = serde_json::from_slice::<Submission>(&json);
        assert_eq!(read.expect("reads back"), submission);
        assert!(!Submission::is_binary(&json));
    }
    if let Ok(reply) = SubmissionReply::from_bytes(data) {
        assert_eq!(reply.to_bytes(), data);
        let json = serde_json::to_vec(&reply).expect("has a form");
        let read = serde_json::from_slice::<SubmissionReply>(&json);
        assert_eq!(read.expect("reads back"), reply);
    }
});
