//! A model's own chat template (Jinja, as Hugging Face renders it): messages to the one text that the model reads.

use std::io;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Value;
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior};

use crate::abi::{Buffer, Code, Failure, Slice, guard, into_handle};

/// Templates come with files from elsewhere: they get so many steps and so much text.
const FUEL: u64 = 20_000_000;
const MOST_TEXT: usize = 64 << 20;
const NAME: &str = "chat template";

pub struct Template {
    environment: Environment<'static>,
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_TEXT {
            return Err(io::Error::other("it writes more than 64 MB"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn raise_exception(text: String) -> Result<Value, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, text))
}

/// Year, month, day of a day since 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms").
fn civil(day: i64) -> (i64, usize, i64) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let month_of_year = if month < 10 { month + 3 } else { month - 9 };
    (year_of_era + era * 400 + i64::from(month_of_year <= 2), month_of_year as usize, of_year - (153 * month + 2) / 5 + 1)
}

/// The parts of strftime that templates use, of seconds since 1970 in UTC.
fn formatted(seconds: i64, format: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ];
    const DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, of_month) = civil(day);
    let (month_name, day_name) = (MONTHS[month - 1], DAYS[day.rem_euclid(7) as usize]);
    let mut out = String::new();
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        match letters.next() {
            Some('Y') => out += &year.to_string(),
            Some('m') => out += &format!("{month:02}"),
            Some('d') => out += &format!("{of_month:02}"),
            Some('-') => {
                if let Some('d') = letters.next() {
                    out += &of_month.to_string();
                }
            }
            Some('H') => out += &format!("{:02}", second / 3_600),
            Some('M') => out += &format!("{:02}", second / 60 % 60),
            Some('S') => out += &format!("{:02}", second % 60),
            Some('B') => out += month_name,
            Some('b') => out += &month_name[..3],
            Some('A') => out += day_name,
            Some('a') => out += &day_name[..3],
            Some('F') => out += &format!("{year}-{month:02}-{of_month:02}"),
            Some('%') => out.push('%'),
            Some(other) => {
                out.push('%');
                out.push(other);
            }
            None => out.push('%'),
        }
    }
    out
}

/// In words for people: the library's own text names its kinds of errors.
fn told(error: &Error) -> String {
    let what = error.detail().map_or_else(|| error.to_string(), str::to_string);
    match error.line() {
        Some(line) => format!("{what} (line {line})"),
        None => what,
    }
}

/// Compiles a template.
pub extern "C" fn open(source: Slice, out: *mut *mut Template, text: *mut Buffer) -> u32 {
    guard(text, || {
        let failed = |error: Error| Failure::new(Code::InvalidArgument, format!("the model's chat template is wrong: {}", told(&error)));
        let mut environment = Environment::new();
        // As Hugging Face sets Jinja up; templates are written for Python and call methods of its strings and lists.
        environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(failed)?);
        environment.set_undefined_behavior(UndefinedBehavior::Lenient);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.add_function("raise_exception", raise_exception);
        environment.add_template_owned(NAME, source.text()?.to_string()).map_err(failed)?;
        into_handle(out, Template { environment });
        Ok(Vec::new())
    })
}

/// `input`: a JSON object of the template's variables. `now`: seconds since 1970, for templates that write the date.
pub extern "C" fn render(template: *const Template, input: Slice, now: i64, out: *mut Buffer) -> u32 {
    guard(out, || {
        let input: Value = serde_json::from_slice(input.bytes())
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("the messages are not JSON: {error}")))?;
        let mut environment = unsafe { &*template }.environment.clone();
        environment.add_function("strftime_now", move |format: String| formatted(now, &format));
        let mut written = Bounded(Vec::new());
        environment
            .get_template(NAME)
            .and_then(|template| template.render_captured_to(input, &mut written).map(drop))
            .map_err(|error| Failure::new(Code::InvalidArgument, format!("the model's chat template refuses these messages: {}", told(&error))))?;
        Ok(written.0)
    })
}
