//! ```text
//! const _: () = {
//!     use ::cqrs::__private as __cqrs;
//!     impl __cqrs::ReadModel for UserView {
//!         type Key = Uuid;
//!         const SCHEMA: &'static __cqrs::Schema = &__cqrs::Schema {
//!             name: "users",
//!             columns: &[
//!                 __cqrs::key_column::<Self>("id"),
//!                 __cqrs::ColumnSchema {
//!                     name: "email",
//!                     column_type: <String as __cqrs::Column>::TYPE,
//!                     nullable: <String as __cqrs::Column>::NULLABLE,
//!                 },
//!             ],
//!             shape: 0x3c1f_…,
//!         };
//!         #[inline]
//!         fn key(&self) -> &Self::Key {
//!             &self.id
//!         }
//!         fn columns(&self) -> Result<Vec<__cqrs::Value>, __cqrs::ColumnError> {
//!             Ok(Vec::from([__cqrs::key_value(self)?, <String as __cqrs::Column>::to_value(&self.email)?]))
//!         }
//!     }
//!     impl UserView {
//!         /// The column `id` of `users`, to filter and order by. Written by `#[derive(ReadModel)]`.
//!         pub const ID: __cqrs::ColumnRef<Self, Uuid> = __cqrs::ColumnRef::new(0);
//!         /// The column `email` of `users`, to filter and order by. Written by `#[derive(ReadModel)]`.
//!         pub const EMAIL: __cqrs::ColumnRef<Self, String> = __cqrs::ColumnRef::new(1);
//!     }
//! };
//! ```

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::read_model::{Field, ReadModel};

pub(crate) fn expand(model: &ReadModel<'_>) -> TokenStream {
    let ReadModel { ident, name, shape, .. } = model;
    let columns = model.columns();
    let (key, key_type) = match model.key() {
        Some(Field { ident, ty, .. }) => (quote!(&self.#ident), quote!(#ty)),
        None => (quote!(loop {}), quote!(__cqrs::std::string::String)),
    };
    let indexed = columns.iter().filter(|field| !field.is_key());
    // Spanned on the field's type and alike, so that a type without a column is one error, and there.
    let columns_of = |Field { ty, .. }: &Field<'_>| quote_spanned!(ty.span()=> <#ty as __cqrs::Column>);
    let schemas = indexed.clone().map(|field| {
        let (name, column) = (field.name(), columns_of(field));
        quote!(__cqrs::ColumnSchema { name: #name, column_type: #column::TYPE, nullable: #column::NULLABLE })
    });
    let values = indexed.map(|field| {
        let (ident, column) = (field.ident, columns_of(field));
        quote!(#column::to_value(&self.#ident)?)
    });
    let key_name = model.key().map(Field::name).unwrap_or_default();
    let constants = columns.iter().enumerate().map(|(place, field)| {
        let (vis, ty, constant) = (field.vis, field.ty, constant(field));
        let doc = format!(
            "The column `{}` of `{name}`, to filter and order by. Written by `#[derive(ReadModel)]`.",
            field.name()
        );
        quote! {
            #[doc = #doc]
            #vis const #constant: __cqrs::ColumnRef<Self, #ty> = __cqrs::ColumnRef::new(#place);
        }
    });
    // All of it spanned on the struct: what serde lacks is then reported once, and there.
    model.crate_path.block(quote_spanned! {ident.span()=>
        #[automatically_derived]
        impl __cqrs::ReadModel for #ident {
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
        }
        // Which of them a program uses is its own affair, and a field's type may be less visible than the field.
        #[allow(dead_code, private_interfaces)]
        impl #ident {
            #(#constants)*
        }
    })
}

/// `created_at` as `CREATED_AT`, spanned on the field, so that an editor finds the way.
fn constant(field: &Field<'_>) -> Ident {
    format_ident!("{}", field.name().to_uppercase(), span = field.ident.span())
}
