use crate::{
    ctxt::Ctxt,
    model::{item, read_model::ReadModel},
    symbol,
};

pub(crate) fn check(cx: &Ctxt, model: &ReadModel<'_>) {
    let ident = model.ident;
    let mut keys = model.fields.iter().filter(|field| field.is_key());
    if keys.next().is_none() && cx.is_clean() {
        let help = match model.likely_key() {
            Some(field) => format!("write `{}`", item::marked(field.source, symbol::KEY)),
            None => "add a field for it: `#[cqrs(key)] id: Uuid`".to_owned(),
        };
        cx.error_help(ident, format!("no field of `{ident}` is marked as the key that identifies a row"), help);
    }
    for second in keys {
        let help = "remove one of the two; for several fields in one key, make a type of them that implements `Column`";
        cx.error_help(second.attrs.given(symbol::KEY), "a second field is marked `key`: a row has one", help);
    }
    for field in model.fields.iter().filter(|field| field.is_key() && field.is_indexed()) {
        cx.error_help(field.attrs.given(symbol::INDEX), "the key is indexed already", "remove `index`");
    }
    let columns = model.columns();
    for (place, field) in columns.iter().enumerate() {
        let constant = field.constant();
        if let Some(first) = columns.iter().take(place).find(|first| first.constant() == constant) {
            let problem =
                format!("the columns `{}` and `{}` would both be `{ident}::{constant}`", first.name(), field.name());
            cx.error_help(field.ident, problem, "give one of the two fields another name");
        }
    }
}
