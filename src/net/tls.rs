//! TLS 1.2 and 1.3 by rustls with ring: certificate files, roots and the pin.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig,
    SignatureScheme,
};

use super::SetupError;

/// A server's certificate chain and key, read from PEM files and readable again when renewed.
#[derive(Clone)]
pub struct ServerTls {
    files: Arc<(PathBuf, PathBuf)>,
    current: Arc<Mutex<Arc<ServerConfig>>>,
}

impl ServerTls {
    /// Reads the chain (leaf first) and its key. ALPN offers `h2`, then `http/1.1`.
    ///
    /// # Errors
    /// [`SetupError::Certificate`], [`SetupError::PrivateKey`] when a file is unreadable or empty;
    /// [`SetupError::Tls`] when the two do not belong together.
    pub fn from_pem_files(certificates: &Path, key: &Path) -> Result<Self, SetupError> {
        let config = server_config(certificates, key)?;
        Ok(Self {
            files: Arc::new((certificates.to_owned(), key.to_owned())),
            current: Arc::new(Mutex::new(Arc::new(config))),
        })
    }

    /// Reads the same files again; new connections use what they hold now. On an error the
    /// certificate in use stays.
    ///
    /// # Errors
    /// Those of [`ServerTls::from_pem_files`].
    pub fn reload(&self) -> Result<(), SetupError> {
        let config = Arc::new(server_config(&self.files.0, &self.files.1)?);
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = config;
        Ok(())
    }

    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Whom a client believes to be the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// The system's certificate authorities; none at all if the system has none.
    #[default]
    System,
    /// Only the certificate authorities in this PEM file.
    CaFile(PathBuf),
    /// Exactly the one certificate in this PEM file, byte for byte. Its name and its dates are
    /// not looked at: the pin says more than both.
    PinnedCertificate(PathBuf),
}

/// The client's side of TLS under `trust`.
///
/// # Errors
/// [`SetupError::Certificate`] when a file holds no certificate, [`SetupError::PinIsNotOne`] when
/// a pin holds several, [`SetupError::Tls`] when rustls refuses one.
pub(crate) fn client_config(trust: &Trust) -> Result<ClientConfig, SetupError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(SetupError::Tls)?;
    Ok(match trust {
        Trust::PinnedCertificate(path) => {
            let pinned = pinned_certificate(path)?;
            builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pin { pinned, provider }))
                .with_no_client_auth()
        }
        Trust::CaFile(path) => {
            let mut roots = RootCertStore::empty();
            for certificate in read_certificates(path)? {
                roots.add(certificate).map_err(SetupError::Tls)?;
            }
            builder.with_root_certificates(roots).with_no_client_auth()
        }
        Trust::System => {
            let mut roots = RootCertStore::empty();
            let found = rustls_native_certs::load_native_certs().certs;
            roots.add_parsable_certificates(found);
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    })
}

fn server_config(certificates: &Path, key: &Path) -> Result<ServerConfig, SetupError> {
    let chain = read_certificates(certificates)?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|_| SetupError::PrivateKey {
        path: key.to_owned(),
    })?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key))
        .map_err(SetupError::Tls)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn read_certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, SetupError> {
    let unreadable = || SetupError::Certificate {
        path: path.to_owned(),
    };
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(|_| unreadable())?
        .collect::<Result<_, _>>()
        .map_err(|_| unreadable())?;
    if found.is_empty() {
        Err(unreadable())
    } else {
        Ok(found)
    }
}

fn pinned_certificate(path: &Path) -> Result<CertificateDer<'static>, SetupError> {
    let mut found = read_certificates(path)?;
    match (found.len(), found.pop()) {
        (1, Some(only)) => Ok(only),
        (count, _) => Err(SetupError::PinIsNotOne {
            path: path.to_owned(),
            count,
        }),
    }
}

/// Accepts one certificate and nothing else; that the server holds its key, the handshake's
/// signature proves.
#[derive(Debug)]
struct Pin {
    pinned: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if end_entity.as_ref() == self.pinned.as_ref() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(CertificateError::UnknownIssuer.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
