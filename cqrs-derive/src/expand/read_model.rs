//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::ReadModel for UserView {
//!         type Key = Uuid;
//!         const SCHEMA: &'static __cqrs::Schema = &__cqrs::Schema {
//!             name: "users",
//!             columns: &[
//!                 __cqrs::key_column::<Self>("id"),
//!                 Self::EMAIL.schema("email"),
//!             ],
//!             shape: 0x3c1f_…,
//!         };
//!         #[inline]
//!         fn key(&self) -> &Self::Key {
//!             &self.id
//!         }
//!         fn columns(&self) -> Result<Vec<__cqrs::Value>, __cqrs::ColumnError> {
//!             Ok(Vec::from([__cqrs::key_value(self)?, Self::EMAIL.value(&self.email)?]))
//!         }
//!     }
//!     // … and `to_row` and `from_row`
//!     impl UserView {
//!         /// The column `id` of `users`, to filter and order by. Written by `#[derive(ReadModel)]`.
//!         pub const ID: __cqrs::ColumnRef<Self, Uuid> = __cqrs::key_ref();
//!         /// The column `email` of `users`, to filter and order by. Written by `#[derive(ReadModel)]`.
//!         pub const EMAIL: __cqrs::ColumnRef<Self, String> = <String as __cqrs::IndexedIn<Self, 1>>::COLUMN;
//!     }
//! };
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::{
    item,
    read_model::{Field, ReadModel},
};

pub(crate) fn expand(model: &ReadModel<'_>) -> TokenStream {
    let ReadModel { ident, name, shape, .. } = model;
    let columns = model.columns();
    let (payload, to_row, from_row) = if model.is_stub {
        (None, quote!(loop {}), quote!(loop {}))
    } else {
        let payload = quote_spanned!(ident.span()=> <Self as __cqrs::RowPayload>);
        let to_row = quote_spanned!(ident.span()=> #payload::to_payload(self));
        let from_row = quote_spanned!(ident.span()=> #payload::from_payload(__cqrs_row));
        (Some(quote!(__cqrs::RowPayload+)), to_row, from_row)
    };
    let stored = quote!(#payload __cqrs::core::marker::Send + __cqrs::core::marker::Sync + 'static);
    let generics = item::bounded(model.generics, &stored);
    let (impl_generics, type_generics, bounds) = generics.split_for_impl();
    let key = model.key().map_or_else(|| quote!(loop {}), |Field { ident, .. }| quote!(&self.#ident));
    let key_type = model.key_type.or(model.likely_key().map(|field| field.ty));
    let key_type = key_type.map_or_else(|| quote!(__cqrs::Uuid), ToTokens::to_token_stream);
    // Two constants of one name are reported.
    let is_first =
        |place: usize, field: &Field<'_>| columns[..place].iter().all(|other| other.constant() != field.constant());
    let columns: Vec<_> = columns.iter().enumerate().filter(|(place, field)| is_first(*place, field)).collect();
    let indexed = columns.iter().filter(|(_, field)| !field.is_key());
    let schemas = indexed.clone().map(|(_, field)| {
        let (name, constant) = (field.name(), constant(field));
        quote!(Self::#constant.schema(#name))
    });
    let values = indexed.map(|(_, field)| {
        let (ident, constant) = (field.ident, constant(field));
        quote!(Self::#constant.value(&self.#ident)?)
    });
    let key_name = model.key().map(Field::name).unwrap_or_default();
    let constants = columns.iter().map(|(place, field)| {
        let (vis, ty, constant) = (field.vis, field.ty, constant(field));
        // Asked of the field's type here alone, and spanned on it: a type without a column is one error, and there.
        let column = if field.is_key() {
            quote!(__cqrs::key_ref())
        } else {
            quote_spanned!(ty.span()=> <#ty as __cqrs::IndexedIn<Self, #place>>::COLUMN)
        };
        let doc = format!(
            "The column `{}` of `{name}`, to filter and order by. Written by `#[derive(ReadModel)]`.",
            field.name()
        );
        quote! {
            #[doc = #doc]
            #vis const #constant: __cqrs::ColumnRef<Self, #ty> = #column;
        }
    });
    // All of it spanned on the struct: what serde lacks is then reported once, and there.
    model.crate_path.block(quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl #impl_generics __cqrs::ReadModel for #ident #type_generics #bounds {
            type Key = #key_type;
            const SCHEMA: &'static __cqrs::Schema = &__cqrs::Schema {
                name: #name,
                columns: &[__cqrs::key_column::<Self>(#key_name), #(#schemas),*],
                shape: #shape,
            };
            #[inline]
            fn key(&self) -> &Self::Key {
                #key
            }
            fn columns(
                &self,
            ) -> __cqrs::core::result::Result<__cqrs::std::vec::Vec<__cqrs::Value>, __cqrs::ColumnError> {
                __cqrs::core::result::Result::Ok(__cqrs::core::convert::From::from([__cqrs::key_value(self)?, #(#values),*]))
            }
            fn to_row(&self) -> __cqrs::RowWritten {
                #to_row
            }
            fn from_row(__cqrs_row: &[u8]) -> __cqrs::RowRead<Self> {
                #from_row
            }
        }
        // Which of them a program uses is its own affair, a field's type may be less visible than the field, and the type's
        // own block is the only one that its author wrote.
        #[allow(clippy::multiple_inherent_impl, dead_code, private_interfaces)]
        impl #impl_generics #ident #type_generics #bounds {
            #(#constants)*
        }
    })
}

/// `created_at` as `CREATED_AT`, spanned on the field, so that an editor finds the way.
fn constant(field: &Field<'_>) -> Ident {
    format_ident!("{}", field.constant(), span = field.ident.span())
}
