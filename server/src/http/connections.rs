//! Connections, how many there are, and what ends them. It takes no token to open one, so those that say nothing must not
//! stay, and those that talk must not be too many: they would use up what the operating system gives a server.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::serve::{Listener, ListenerExt};
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use rustix::process::{Resource, getrlimit};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// How many connections of one listener are served at once, whatever the operating system would allow.
const MOST: usize = 4_096;
/// How long a connection may take until its first request has come.
const FIRST_REQUEST: Duration = Duration::from_secs(30);
/// How long one of HTTP/1 may be without a request, or in the middle of the head of one. Longer than the pauses of units
/// that ask again and again: one that asks at the moment of the end has to ask once more.
const HEAD: Duration = Duration::from_secs(90);
/// How often the other end of one of HTTP/2 is asked whether it is still there, ...
const ASK: Duration = Duration::from_secs(30);
/// ... and how long it may take to answer.
const ANSWER: Duration = Duration::from_secs(20);

/// The same as [`serve`], without TLS.
pub async fn serve_plain(listener: TcpListener, routes: Router, end: CancellationToken) {
    let at_once = listener.tap_io(|stream| {
        // Without it small answers wait for more; a connection that refuses is served all the same.
        let _ = stream.set_nodelay(true);
    });
    serve(at_once, routes, end).await;
}

/// Answers what comes to a listener until `end`; then takes no new connections, and returns when the last one has ended its
/// answers. A connection too many waits until another one ends.
pub async fn serve<L>(listener: L, routes: Router, end: CancellationToken)
where
    L: Listener<Addr = SocketAddr>,
{
    serve_at_most(places(), listener, routes, end).await;
}

/// How many connections a listener serves at once: a quarter of the files that this process may have open. There are two
/// listeners, and half is left for the store, for units and for other hosts.
fn places() -> usize {
    let files = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files).ok());
    files.map_or(MOST, |files| (files / 4).clamp(1, MOST))
}

async fn serve_at_most<L>(most: usize, mut listener: L, routes: Router, end: CancellationToken)
where
    L: Listener<Addr = SocketAddr>,
{
    let places = Arc::new(Semaphore::new(most));
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new()).keep_alive_interval(ASK).keep_alive_timeout(ANSWER);
    let open = GracefulShutdown::new();
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await;
            (listener.accept().await, place)
        };
        let ((stream, peer), place) = tokio::select! {
            connection = next => connection,
            () = end.cancelled() => break,
        };
        let (routes, heard) = (routes.clone(), CancellationToken::new());
        let hears = heard.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            hears.cancel();
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            routes.clone().oneshot(request)
        });
        let connection = open.watch(builder.serve_connection(TokioIo::new(stream), answer).into_owned());
        tokio::spawn(async move {
            let _place = place;
            let mut connection = std::pin::pin!(connection);
            // Of a connection that broke, its other end knows.
            tokio::select! {
                _ = &mut connection => return,
                () = heard.cancelled() => {}
                () = tokio::time::sleep(FIRST_REQUEST) => {
                    tracing::debug!("{peer} said nothing for {FIRST_REQUEST:?} and is cut off");
                    return;
                }
            }
            let _ = connection.await;
        });
    }
    drop(listener);
    open.shutdown().await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use futures::StreamExt;
    use std::io;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
    use tokio::sync::mpsc;
    use tokio::time::Instant;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: gym\r\n\r\n";

    /// Connections within this process: their time passes as the test wants.
    struct Within(mpsc::Receiver<DuplexStream>);

    impl Listener for Within {
        type Io = DuplexStream;
        type Addr = SocketAddr;

        async fn accept(&mut self) -> (DuplexStream, SocketAddr) {
            match self.0.recv().await {
                Some(stream) => (stream, ([192, 0, 2, 1], 7).into()),
                None => std::future::pending().await,
            }
        }

        fn local_addr(&self) -> io::Result<SocketAddr> {
            Ok(([127, 0, 0, 1], 1).into())
        }
    }

    /// A connection to a server with these routes, and how the server is ended.
    async fn connection(routes: Router) -> (DuplexStream, CancellationToken, tokio::task::JoinHandle<()>) {
        let ([ours], end, server) = connections(MOST, routes).await;
        (ours, end, server)
    }

    /// So many of them, one after the other, to a server that has places for some.
    async fn connections<const COUNT: usize>(
        most: usize,
        routes: Router,
    ) -> ([DuplexStream; COUNT], CancellationToken, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(COUNT);
        let end = CancellationToken::new();
        let server = tokio::spawn(serve_at_most(most, Within(receiver), routes, end.clone()));
        let pairs = [(); COUNT].map(|()| tokio::io::duplex(1 << 16));
        let mut theirs = Vec::new();
        let ours = pairs.map(|(ours, its)| {
            theirs.push(its);
            ours
        });
        for its in theirs {
            sender.send(its).await.unwrap();
        }
        // The listener goes on waiting for others.
        tokio::spawn(async move { sender.closed().await });
        (ours, end, server)
    }

    fn hello() -> Router {
        Router::new()
            .route("/", get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { format!("hello {peer}") }))
    }

    async fn answered(connection: &mut DuplexStream) {
        connection.write_all(REQUEST).await.unwrap();
        let mut answer = String::new();
        while !answer.contains("hello 192.0.2.1:7") {
            let mut bytes = [0; 1024];
            let count = connection.read(&mut bytes).await.unwrap();
            assert!(count > 0, "{answer}");
            answer += std::str::from_utf8(&bytes[..count]).unwrap();
        }
    }

    /// How long it takes until the server ends a connection without another word.
    async fn ends_after(connection: &mut DuplexStream) -> Duration {
        let begin = Instant::now();
        assert_eq!(connection.read(&mut [0; 64]).await.unwrap(), 0);
        begin.elapsed()
    }

    fn about(limit: Duration) -> std::ops::Range<Duration> {
        limit..limit + Duration::from_secs(1)
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_never_asks_is_cut_off_whether_it_says_nothing_or_half_a_request() {
        for said in [&b""[..], b"G", b"GET / HTTP/1.1\r\nHo", b"PRI * HTTP/2.0\r\n"] {
            let (mut connection, ..) = connection(hello()).await;
            connection.write_all(said).await.unwrap();
            let after = ends_after(&mut connection).await;
            assert!(about(FIRST_REQUEST).contains(&after), "{after:?} {said:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_falls_silent_after_its_answers_is_cut_off_and_one_that_asks_now_and_then_is_not() {
        let (mut connection, ..) = connection(hello()).await;
        for _ in 0..3 {
            answered(&mut connection).await;
            tokio::time::sleep(HEAD - Duration::from_secs(1)).await;
        }
        answered(&mut connection).await;
        connection.write_all(&REQUEST[..9]).await.unwrap();
        let after = ends_after(&mut connection).await;
        assert!(about(HEAD).contains(&after), "{after:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_too_many_waits_and_has_the_place_of_the_first_that_falls_silent() {
        let ([mut first, mut second, mut third], ..) = connections(2, hello()).await;
        let begin = Instant::now();
        answered(&mut first).await;
        answered(&mut second).await;
        assert!(begin.elapsed() < FIRST_REQUEST);
        tokio::time::sleep(HEAD - Duration::from_secs(10)).await;
        answered(&mut second).await;
        answered(&mut third).await;
        assert!(about(HEAD).contains(&begin.elapsed()), "{:?}", begin.elapsed());
        assert_eq!(first.read(&mut [0; 64]).await.unwrap(), 0);
        answered(&mut second).await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_without_a_free_place_ends_when_it_is_told_to() {
        let ([mut first, _second], end, server) = connections(1, hello()).await;
        answered(&mut first).await;
        end.cancel();
        server.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_goes_on_for_hours_is_not_cut_and_the_end_of_the_server_waits_for_it() {
        let line = |number| async move {
            tokio::time::sleep(Duration::from_secs(3_600)).await;
            Ok::<_, io::Error>(format!("line {number}\n"))
        };
        let lines = move || async move { Body::from_stream(futures::stream::iter(0..3).then(line)) };
        let routes = Router::new().route("/", get(lines));
        let (mut connection, end, server) = connection(routes).await;
        connection.write_all(REQUEST).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        end.cancel();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).await.unwrap();
        assert!(answer.contains("line 2"), "{answer}");
        server.await.unwrap();
    }
}
