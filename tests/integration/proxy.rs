//! A TCP proxy on loopback between a client and the server: it records what the client says, and
//! cuts connections where a test wants a request or a reply lost.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

#[derive(Default)]
struct Shared {
    fault: Mutex<Option<Fault>>,
    said: Mutex<Vec<u8>>,
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
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(carry(client, server, Arc::clone(&for_connections)));
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

    /// What clients said since the last call: the bytes of all requests, in order.
    pub(crate) fn take_said(&self) -> Vec<u8> {
        std::mem::take(&mut self.shared.said.lock().unwrap())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn carry(mut client: TcpStream, server: SocketAddr, shared: Arc<Shared>) {
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
                shared.said.lock().unwrap().extend_from_slice(piece);
                let fault = fault(&shared);
                let kept = if fault == Fault::LoseRequest { count - count.min(40) } else { count };
                if upstream.write_all(&piece[..kept]).await.is_err() || kept < count {
                    return;
                }
            }
            read = upstream.read(&mut from_server) => {
                let Ok(count @ 1..) = read else { return };
                match fault(&shared) {
                    Fault::LoseReply => return,
                    Fault::CutReply => {
                        let _half = client.write_all(&from_server[..count / 2]).await;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        return;
                    }
                    Fault::None | Fault::LoseRequest => {
                        if client.write_all(&from_server[..count]).await.is_err() {
                            return;
                        }
                    }
                }
            }
        }
    }
}

fn fault(shared: &Shared) -> Fault {
    shared.fault.lock().unwrap().unwrap_or(Fault::None)
}
