//! A TCP proxy on loopback between a client and the server: it records what the client says and
//! how much passes when, cuts connections where a test wants a request or a reply lost, and makes
//! replies longer or later where a test wants a difference to be found.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use data_encoding::BASE64URL_NOPAD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What becomes of the next requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Everything goes through.
    None,
    /// The connection is cut before the request's last bytes reach the server.
    LoseRequest,
    /// The request reaches the server whole; the reply is dropped.
    LoseReply,
    /// The reply is cut in its middle.
    CutReply,
}

/// A difference put into replies on purpose, for the control of a judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Plant {
    /// A reply's first bytes pass this much later.
    Delay(Duration),
    /// Replies have one header more.
    Header,
}

/// Bytes that passed, in one direction without any in the other between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// Whether the client said them.
    pub(crate) asks: bool,
    pub(crate) bytes: usize,
    pub(crate) first: Instant,
    pub(crate) last: Instant,
}

/// What one connection said until it was answered: one request, as nobody here asks twice at once.
struct Spoken {
    connection: usize,
    answered: bool,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Shared {
    fault: Mutex<Option<Fault>>,
    plant: Mutex<Option<Plant>>,
    said: Mutex<Vec<Spoken>>,
    turns: Mutex<Vec<Turn>>,
}

impl Shared {
    /// Several connections may speak at once, and a client may take either for its next request:
    /// requests stand in the order in which their first bytes came.
    fn said(&self, connection: usize, piece: &[u8]) {
        let mut said = self.said.lock().unwrap();
        let open = |spoken: &&mut Spoken| spoken.connection == connection && !spoken.answered;
        match said.iter_mut().rev().find(open) {
            Some(spoken) => spoken.bytes.extend_from_slice(piece),
            None => said.push(Spoken {
                connection,
                answered: false,
                bytes: piece.to_vec(),
            }),
        }
    }

    fn answered(&self, connection: usize) {
        let mut said = self.said.lock().unwrap();
        let mut last_first = said.iter_mut().rev();
        if let Some(spoken) = last_first.find(|spoken| spoken.connection == connection) {
            spoken.answered = true;
        }
    }

    fn saw(&self, asks: bool, bytes: usize) {
        let now = Instant::now();
        let mut turns = self.turns.lock().unwrap();
        match turns.last_mut() {
            Some(turn) if turn.asks == asks => {
                turn.bytes += bytes;
                turn.last = now;
            }
            _ => turns.push(Turn {
                asks,
                bytes,
                first: now,
                last: now,
            }),
        }
    }

    /// Whether nothing of the reply to the last question has passed yet.
    fn reply_begins(&self) -> bool {
        self.turns
            .lock()
            .unwrap()
            .last()
            .is_none_or(|turn| turn.asks)
    }
}

/// A running proxy. Dropping it closes its listener.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// A proxy before `server`.
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let for_connections = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((client, _)) = listener.accept().await {
                let shared = Arc::clone(&for_connections);
                tokio::spawn(carry(client, server, connection, shared));
                connection += 1;
            }
        });
        Self {
            address,
            shared,
            accepting,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What becomes of every request from now on.
    pub(crate) fn set(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap() = Some(fault);
    }

    /// What is put into every reply from now on.
    pub(crate) fn plant(&self, plant: Option<Plant>) {
        *self.shared.plant.lock().unwrap() = plant;
    }

    /// What passed since the last call, in turns. It means something with one connection only.
    pub(crate) fn take_turns(&self) -> Vec<Turn> {
        std::mem::take(&mut self.shared.turns.lock().unwrap())
    }

    /// What clients said since the last call: the bytes of all requests, in the order in which the
    /// requests began.
    pub(crate) fn take_said(&self) -> Vec<u8> {
        let said = std::mem::take(&mut *self.shared.said.lock().unwrap());
        said.into_iter().flat_map(|spoken| spoken.bytes).collect()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One request as it came.
pub(crate) struct Said {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Said {
    /// The head's lines as they came, each value in base64 decoded to bytes, and the body.
    pub(crate) fn pieces(&self) -> Vec<Vec<u8>> {
        let lines = self.head.lines().map(|line| {
            let (_, value) = line.split_once(": ").unwrap_or((line, ""));
            let decoded = BASE64URL_NOPAD.decode(value.as_bytes());
            decoded.unwrap_or_else(|_| line.as_bytes().to_vec())
        });
        lines.chain([self.body.clone()]).collect()
    }
}

/// The requests that were said whole.
pub(crate) fn requests(said: &[u8]) -> Vec<Said> {
    let mut requests = Vec::new();
    let mut rest = said;
    while let Some(end) = rest.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).into_owned();
        let of = |line: &str| {
            let (name, value) = line.split_once(": ")?;
            let is = name.eq_ignore_ascii_case("content-length");
            is.then(|| value.parse::<usize>().unwrap())
        };
        let length = head.lines().find_map(of).unwrap_or(0);
        let body = rest[end + 4..][..length].to_vec();
        rest = &rest[end + 4 + length..];
        requests.push(Said { head, body });
    }
    requests
}

async fn carry(mut client: TcpStream, server: SocketAddr, connection: usize, shared: Arc<Shared>) {
    let Ok(mut upstream) = TcpStream::connect(server).await else {
        return;
    };
    let _nodelay = (client.set_nodelay(true), upstream.set_nodelay(true));
    let (mut from_client, mut from_server) = ([0; 32 << 10], [0; 32 << 10]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => {
                let Ok(count @ 1..) = read else { return };
                let piece = &from_client[..count];
                shared.said(connection, piece);
                shared.saw(true, count);
                let fault = fault(&shared);
                let kept = if fault == Fault::LoseRequest { count - count.min(40) } else { count };
                if upstream.write_all(&piece[..kept]).await.is_err() || kept < count {
                    return;
                }
            }
            read = upstream.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                shared.answered(connection);
                let planted = planted(&shared, &from_server[..count]).await;
                shared.saw(false, planted.len());
                match fault(&shared) {
                    Fault::LoseReply => return,
                    Fault::CutReply => {
                        let _half = client.write_all(&from_server[..count / 2]).await;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        return;
                    }
                    Fault::None | Fault::LoseRequest => {
                        if client.write_all(&planted).await.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    }
}

/// A piece of a reply with what is planted in it.
async fn planted(shared: &Shared, piece: &[u8]) -> Vec<u8> {
    const HEADER: &[u8] = b"\r\nx-padded: 1";
    let plant = *shared.plant.lock().unwrap();
    let head = piece.windows(4).position(|four| four == b"\r\n\r\n");
    match plant {
        Some(Plant::Delay(delay)) if shared.reply_begins() => {
            tokio::time::sleep(delay).await;
            piece.to_vec()
        }
        Some(Plant::Header) if shared.reply_begins() && head.is_some() => {
            let (before, after) = piece.split_at(head.unwrap_or_default());
            [before, HEADER, after].concat()
        }
        _ => piece.to_vec(),
    }
}

fn fault(shared: &Shared) -> Fault {
    shared.fault.lock().unwrap().unwrap_or(Fault::None)
}
