//! A plain HTTP server and an S3-compatible one, as small as the tests need.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// A parsed request.
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

/// An answer; `Content-Length` is that of `body` unless `headers` has one.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    pub(super) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Serves on a free port until the tests end; returns `http://127.0.0.1:port`.
pub(super) fn serve(handler: impl Fn(Request) -> Response + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let handler = Arc::new(handler);
    thread::spawn(move || {
        for connection in listener.incoming() {
            let handler = Arc::clone(&handler);
            thread::spawn(move || {
                // A client that goes away early is part of some tests.
                let _ = answer(connection.unwrap(), &*handler);
            });
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream, handler: &dyn Fn(Request) -> Response) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let request = read_request(&mut reader)?;
    let head_only = request.method == "HEAD";
    let response = handler(request);
    let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", response.status);
    if response
        .headers
        .iter()
        .all(|(name, _)| *name != "Content-Length")
        && response.status != 204
    {
        write!(head, "Content-Length: {}\r\n", response.body.len()).unwrap();
    }
    for (name, value) in &response.headers {
        write!(head, "{name}: {value}\r\n").unwrap();
    }
    head.push_str("\r\n");
    let stream = reader.get_mut();
    stream.write_all(head.as_bytes())?;
    if !head_only {
        stream.write_all(&response.body)?;
    }
    stream.flush()
}

fn read_request(reader: &mut impl BufRead) -> std::io::Result<Request> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (method, target) = (
        words.next().unwrap_or_default(),
        words.next().unwrap_or_default(),
    );
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let Some((name, value)) = header.trim_end().split_once(':') else {
            break;
        };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = headers
        .get("content-length")
        .map_or(0, |length| length.parse().unwrap());
    let mut body = Vec::new();
    reader.by_ref().take(length).read_to_end(&mut body)?;
    let query = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    Ok(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query,
        headers,
        body,
    })
}

type Objects = BTreeMap<String, Vec<u8>>;

/// State of a bucket.
#[derive(Default)]
pub(super) struct Bucket {
    pub(super) objects: Objects,
    /// Parts of uploads under way.
    pub(super) uploads: BTreeMap<String, Objects>,
    /// Whether every part after the first is refused.
    pub(super) refuse_parts: bool,
    uploads_started: usize,
}

/// Serves a bucket named `bucket` as S3 does: objects, copies, multipart uploads, bulk deletion, listing.
pub(super) fn serve_bucket() -> (String, Arc<Mutex<Bucket>>) {
    let bucket = Arc::new(Mutex::new(Bucket::default()));
    let shared = Arc::clone(&bucket);
    let address = serve(move |request| {
        let signature = request.headers.get("authorization").map_or("", |text| text);
        if !signature.starts_with("AWS4-HMAC-SHA256 Credential=key/") {
            return Response::new(403, "unsigned");
        }
        let key = request
            .path
            .strip_prefix("/bucket")
            .expect("path style")
            .trim_start_matches('/');
        shared.lock().unwrap().answer(key, &request)
    });
    (address, bucket)
}

const DATE: &str = "Sun, 22 Nov 2026 00:00:00 GMT";

impl Bucket {
    fn answer(&mut self, key: &str, request: &Request) -> Response {
        let has = |name| request.query.contains_key(name);
        match request.method.as_str() {
            "POST" if has("uploads") => self.start_upload(key),
            "POST" if has("delete") => self.delete_many(&request.body),
            "POST" => self.complete_upload(key, &request.query["uploadId"]),
            "PUT" if has("partNumber") => self.put_part(request),
            "PUT" => self.put(key, request),
            "DELETE" if has("uploadId") => {
                self.uploads.remove(&request.query["uploadId"]);
                Response::new(204, "")
            }
            "GET" if key.is_empty() => self.list(&request.query),
            "GET" | "HEAD" => self.get(key),
            _ => Response::new(405, ""),
        }
    }

    fn get(&self, key: &str) -> Response {
        match self.objects.get(key) {
            Some(body) => Response::new(200, &body[..])
                .with("ETag", "\"x\"")
                .with("Last-Modified", DATE),
            None => Response::new(404, "<Error><Code>NoSuchKey</Code></Error>"),
        }
    }

    fn put(&mut self, key: &str, request: &Request) -> Response {
        let copied = request.headers.get("x-amz-copy-source");
        let body = copied.map_or(&request.body, |from| {
            &self.objects[from
                .trim_start_matches('/')
                .strip_prefix("bucket/")
                .unwrap()]
        });
        self.objects.insert(key.to_owned(), body.clone());
        let xml = "<CopyObjectResult><ETag>\"x\"</ETag></CopyObjectResult>";
        Response::new(200, if copied.is_some() { xml } else { "" }).with("ETag", "\"x\"")
    }

    fn start_upload(&mut self, key: &str) -> Response {
        self.uploads_started += 1;
        let id = format!("upload-{}", self.uploads_started);
        self.uploads.insert(id.clone(), Objects::new());
        let names = format!("<Bucket>bucket</Bucket><Key>{key}</Key><UploadId>{id}</UploadId>");
        let tag = "InitiateMultipartUploadResult";
        Response::new(200, format!("<{tag}>{names}</{tag}>"))
    }

    fn put_part(&mut self, request: &Request) -> Response {
        let number: u32 = request.query["partNumber"].parse().unwrap();
        if self.refuse_parts && number > 1 {
            return Response::new(403, "<Error><Code>QuotaExceeded</Code></Error>");
        }
        let parts = self.uploads.get_mut(&request.query["uploadId"]).unwrap();
        parts.insert(format!("{number:05}"), request.body.clone());
        Response::new(200, "").with("ETag", format!("\"{number}\""))
    }

    fn complete_upload(&mut self, key: &str, id: &str) -> Response {
        let parts = self.uploads.remove(id).unwrap();
        self.objects
            .insert(key.to_owned(), parts.into_values().flatten().collect());
        let tag = "CompleteMultipartUploadResult";
        Response::new(200, format!("<{tag}><ETag>\"x\"</ETag></{tag}>"))
    }

    fn delete_many(&mut self, body: &[u8]) -> Response {
        let body = String::from_utf8(body.to_vec()).unwrap();
        let mut deleted = String::new();
        for rest in body.split("<Key>").skip(1) {
            let key = rest.split("</Key>").next().unwrap();
            self.objects.remove(key);
            write!(deleted, "<Deleted><Key>{key}</Key></Deleted>").unwrap();
        }
        Response::new(200, format!("<DeleteResult>{deleted}</DeleteResult>"))
    }

    fn list(&self, query: &BTreeMap<String, String>) -> Response {
        let prefix = query.get("prefix").map_or("", |prefix| prefix);
        let mut contents = String::new();
        for (key, body) in &self.objects {
            // Only the level of the prefix, as the delimiter asks.
            if key
                .strip_prefix(prefix)
                .is_some_and(|rest| !rest.contains('/'))
            {
                let facts =
                    "<LastModified>2026-11-22T00:00:00.000Z</LastModified><ETag>\"x\"</ETag>";
                let size = body.len();
                write!(
                    contents,
                    "<Contents><Key>{key}</Key>{facts}<Size>{size}</Size></Contents>"
                )
                .unwrap();
            }
        }
        let counts = "<KeyCount>1</KeyCount><IsTruncated>false</IsTruncated>";
        Response::new(
            200,
            format!("<ListBucketResult>{counts}{contents}</ListBucketResult>"),
        )
    }
}
