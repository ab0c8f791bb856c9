//! Names that are keywords, and names in other scripts.

use cqrs::{MemoryStore, prelude::*, testkit::given};

use super::{command_names, run, stored};

/// Keywords, wherever a name can stand.
mod r#mod {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "loop", id = r#loop)]
    pub(super) enum r#Enum {
        r#Fn {
            r#loop: u32,
            #[cqrs(unique, taken = r#Try::r#Static)]
            r#type: String,
        },
        r#Match(#[cqrs(id)] u32, String),
        #[cqrs(id = r#where, release(r#type))]
        r#Break {
            r#where: u32,
            r#in: Option<u32>,
        },
    }

    #[derive(Debug, PartialEq, thiserror::Error)]
    pub(super) enum r#Try {
        #[error("taken: {0}")]
        r#Static(String),
        #[error("nothing at {0}")]
        r#Else(u32),
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = r#Loop, result = u32)]
    pub(super) struct r#Do {
        #[cqrs(id)]
        pub(super) r#loop: u32,
        pub(super) r#type: String,
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = r#Loop)]
    pub(super) struct Break(#[cqrs(id)] pub(super) u32);

    #[derive(Debug)]
    pub(super) struct r#Loop {
        r#type: String,
    }

    #[aggregate(event = self::r#Enum, error = r#Try, not_found = r#Try::r#Else)]
    impl r#Loop {
        #[handle]
        fn r#do(r#move: r#Do) -> Result<(r#Enum, u32), r#Try> {
            let r#Do { r#loop, r#type } = r#move;
            Ok((r#Enum::r#Fn { r#loop, r#type }, r#loop))
        }

        #[handle]
        fn r#break(&self, r#ref: &Break) -> Result<Option<r#Enum>, r#Try> {
            let r#in = self.r#type.parse().ok();
            Ok(Some(r#Enum::r#Break { r#where: r#ref.0, r#in }))
        }

        #[on(r#Fn)]
        fn r#fn(r#type: String) -> Self {
            Self { r#type }
        }

        #[on(Match(_where, r#type))]
        fn r#match(&mut self, r#type: &str) {
            r#type.clone_into(&mut self.r#type);
        }

        #[on(Break)]
        fn r#continue(&mut self, r#in: Option<u32>) {
            self.r#type = r#in.map_or_else(String::new, |of| of.to_string());
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
    pub(super) struct r#Struct {
        #[cqrs(key)]
        pub(super) r#loop: u32,
        #[cqrs(index)]
        pub(super) r#type: String,
    }

    #[derive(Debug, Query)]
    #[cqrs(model = r#Struct, result = Option<r#Struct>)]
    pub(super) struct r#Where {
        pub(super) r#type: String,
    }

    #[projection(event = r#Enum)]
    impl r#Struct {
        #[on(r#Fn)]
        fn r#fn(r#loop: u32, r#type: String) -> Self {
            Self { r#loop, r#type }
        }

        #[on(r#Match(r#loop, r#type), key = r#loop, or_insert = Self::r#unsafe)]
        fn r#match(&mut self, r#type: String) {
            self.r#type = r#type;
        }

        #[on(r#Break, key = r#in)]
        fn r#break(&mut self) {}

        fn r#unsafe(r#loop: u32) -> Self {
            Self { r#loop, r#type: String::new() }
        }

        #[handle]
        async fn r#where(r#struct: &Views<Self>, r#Where { r#type }: r#Where) -> Result<Option<Self>, QueryError> {
            r#struct.filter(Self::TYPE.eq(r#type)).first().await
        }
    }
}

/// Names in other scripts; 编 and 添 are neither capital nor small letters.
mod scripts {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
    #[cqrs(aggregate = "konto", id = konto)]
    pub(super) enum KontoEreignis {
        Eröffnet { konto: u32, größe: u32, 名字: String },
        ÄrgerGemeldet { konto: u32 },
        添加(#[cqrs(id)] u32, u32),
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = Konto)]
    pub(super) struct EröffneKonto {
        #[cqrs(id)]
        pub(super) konto: u32,
        pub(super) 名字: String,
    }

    #[derive(Debug, Clone, Deserialize, Command)]
    #[cqrs(aggregate = Konto, result = u32)]
    pub(super) struct 添加到账户 {
        #[cqrs(id)]
        pub(super) 编号: u32,
        pub(super) 数量: u32,
    }

    #[derive(Debug)]
    pub(super) struct Konto {
        größe: u32,
    }

    #[aggregate(event = KontoEreignis, error = std::convert::Infallible, ignore(ÄrgerGemeldet))]
    impl Konto {
        #[handle]
        fn eröffne(EröffneKonto { konto, 名字 }: EröffneKonto) -> Result<KontoEreignis, std::convert::Infallible> {
            Ok(KontoEreignis::Eröffnet { konto, größe: 1, 名字 })
        }

        #[handle]
        fn 添加(&self, 命令: 添加到账户) -> Result<(KontoEreignis, u32), std::convert::Infallible> {
            Ok((KontoEreignis::添加(命令.编号, 命令.数量), self.größe + 命令.数量))
        }

        #[on(Eröffnet)]
        fn eröffnet(größe: u32) -> Self {
            Self { größe }
        }

        #[on(添加(_编号, 数量))]
        fn 已添加(&mut self, 数量: u32) {
            self.größe += 数量;
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize, ReadModel)]
    #[cqrs(name = "konten")]
    pub(super) struct Kontenübersicht {
        #[cqrs(key)]
        pub(super) konto: u32,
        #[cqrs(index)]
        pub(super) größe: u32,
        #[cqrs(index)]
        pub(super) 名字: String,
    }

    #[derive(Debug, Query)]
    #[cqrs(model = Kontenübersicht, result = Vec<Kontenübersicht>)]
    pub(super) struct GroßeKonten;

    #[projection(event = KontoEreignis, ignore(ÄrgerGemeldet))]
    impl Kontenübersicht {
        #[on(Eröffnet)]
        fn eröffnet(konto: u32, größe: u32, 名字: String) -> Self {
            Self { konto, größe, 名字 }
        }

        #[on(添加(编号, 数量), key = 编号)]
        fn 添加(&mut self, 数量: u32) {
            self.größe += 数量;
        }

        #[handle]
        async fn große(konten: &Views<Self>, _: GroßeKonten) -> Result<Vec<Self>, QueryError> {
            konten.filter(Self::GRÖSSE.ge(2_u32).and(Self::名字.ne(""))).rows().await
        }
    }
}

#[test]
fn keywords_are_names() {
    use r#mod::{r#Do, r#Enum, r#Loop, r#Struct, r#Try, r#Where};

    stored(&r#Enum::r#Fn { r#loop: 1, r#type: "x".into() }, "loop.fn", r#"{"loop":1,"type":"x"}"#);
    stored(&r#Enum::r#Break { r#where: 1, r#in: None }, "loop.break", r#"{"where":1,"in":null}"#);
    assert_eq!(command_names::<r#Loop>(), ["do", "break"]);
    assert_eq!(format!("{:?}", r#Struct::TYPE), "struct.type");

    let made = || r#Enum::r#Fn { r#loop: 1, r#type: "x".into() };
    let wanted = || r#Do { r#loop: 1, r#type: "x".into() };
    given([]).when(wanted()).then([made()]).then_result(1);
    given([]).taken("loop.type", "x").when(wanted()).then_error(r#Try::r#Static("x".into()));
    given([]).when(r#mod::Break(1)).then_error(r#Try::r#Else(1));
    given([made(), r#Enum::r#Match(1, "9".into())])
        .when(r#mod::Break(1))
        .then([r#Enum::r#Break { r#where: 1, r#in: Some(9) }]);

    run(async {
        let engine = Engine::builder(MemoryStore::new()).projection::<r#Struct>().start().await.unwrap();
        let made = engine.execute(wanted()).await.unwrap();
        let row = engine.query(r#Where { r#type: "x".into() }).after(&made).await.unwrap();
        assert_eq!(row, Some(r#Struct { r#loop: 1, r#type: "x".into() }));
    });
}

#[test]
fn names_of_other_scripts_are_names() {
    use scripts::{EröffneKonto, GroßeKonten, Kontenübersicht, Konto, KontoEreignis, 添加到账户};

    let eröffnet = || KontoEreignis::Eröffnet { konto: 1, größe: 1, 名字: "安".into() };
    stored(&eröffnet(), "konto.eröffnet", r#"{"konto":1,"größe":1,"名字":"安"}"#);
    stored(&KontoEreignis::添加(1, 2), "konto.添加", "[1,2]");
    stored(&KontoEreignis::ÄrgerGemeldet { konto: 1 }, "konto.ärger_gemeldet", r#"{"konto":1}"#);
    assert_eq!(command_names::<Konto>(), ["eröffne_konto", "添加到账户"]);

    let add = || 添加到账户 { 编号: 1, 数量: 2 };
    given([eröffnet()]).when(add()).then([KontoEreignis::添加(1, 2)]).then_result(3);
    run(async {
        let engine = Engine::builder(MemoryStore::new()).projection::<Kontenübersicht>().start().await.unwrap();
        engine.execute(EröffneKonto { konto: 1, 名字: "安".into() }).await.unwrap();
        let added = engine.execute(add()).await.unwrap();
        let rows = engine.query(GroßeKonten).after(&added).await.unwrap();
        assert_eq!(rows, [Kontenübersicht { konto: 1, größe: 3, 名字: "安".into() }]);
    });
}
