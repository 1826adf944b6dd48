//! Pages as they are rendered for many at once.

use crate::fixture::{Fixture, status};
use std::sync::Arc;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

const PAGES: [&str; 8] =
    ["/", "/trials", "/trials/1", "/sweeps", "/sweeps/new", "/compare", "/protocols/pbft", "/testbeds"];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_is_rendered_to_its_end_while_other_visitors_go_away() {
    let server = Arc::new(Fixture::new().await);
    server.start().await;
    let visitors = (0..6).map(|visitor| {
        let server = Arc::clone(&server);
        tokio::spawn(async move {
            for turn in 0..24 {
                let path = PAGES[(visitor + turn) % PAGES.len()];
                if visitor % 3 == 2 {
                    let mut gone = TcpStream::connect(server.address).await.unwrap();
                    let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address);
                    gone.write_all(request.as_bytes()).await.unwrap();
                    continue;
                }
                let page = server.get(path).await;
                assert_eq!(status(&page), 200, "{path}");
                assert!(page.contains("</html>"), "{path} is cut off");
            }
        })
    });
    for visitor in visitors.collect::<Vec<_>>() {
        visitor.await.unwrap();
    }
}
