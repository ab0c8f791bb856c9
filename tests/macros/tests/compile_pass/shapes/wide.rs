//! Two hundred commands and as many events in one aggregate.

use std::convert::Infallible;

use cqrs::{prelude::*, testkit::given};

use super::command_names;

macro_rules! wide {
    ($first:ident $($event:ident)*; $($command:ident => $decided:ident,)*) => {
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Event)]
        #[cqrs(aggregate = "wide", id = id)]
        enum WideEvent {
            $first { id: u32, by: u32 },
            $($event { id: u32, by: u32 },)*
        }

        $(#[derive(Debug, Clone, Deserialize, Command)]
        #[cqrs(aggregate = Wide, result = u32)]
        struct $command {
            #[cqrs(id)]
            id: u32,
            by: u32,
        })*

        #[aggregate(event = WideEvent, error = Infallible)]
        #[allow(non_snake_case)]
        impl Wide {
            $(#[handle]
            fn $command(&self, $command { id, by }: $command) -> Result<(WideEvent, u32), Infallible> {
                Ok((WideEvent::$decided { id, by }, self.sum + by))
            })*

            #[on($first)]
            fn first(by: u32) -> Self {
                Self { sum: by }
            }

            $(#[on($event)]
            fn $event(&mut self, by: u32) {
                self.sum += by;
            })*
        }

        const COMMANDS: usize = [$(stringify!($command)),*].len();
    };
}

struct Wide {
    sum: u32,
}

wide! {
    E000 E001 E002 E003 E004 E005 E006 E007 E008 E009 E010 E011 E012 E013 E014 E015 E016 E017 E018 E019 E020 E021 E022
    E023 E024 E025 E026 E027 E028 E029 E030 E031 E032 E033 E034 E035 E036 E037 E038 E039 E040 E041 E042 E043 E044 E045
    E046 E047 E048 E049 E050 E051 E052 E053 E054 E055 E056 E057 E058 E059 E060 E061 E062 E063 E064 E065 E066 E067 E068
    E069 E070 E071 E072 E073 E074 E075 E076 E077 E078 E079 E080 E081 E082 E083 E084 E085 E086 E087 E088 E089 E090 E091
    E092 E093 E094 E095 E096 E097 E098 E099 E100 E101 E102 E103 E104 E105 E106 E107 E108 E109 E110 E111 E112 E113 E114
    E115 E116 E117 E118 E119 E120 E121 E122 E123 E124 E125 E126 E127 E128 E129 E130 E131 E132 E133 E134 E135 E136 E137
    E138 E139 E140 E141 E142 E143 E144 E145 E146 E147 E148 E149 E150 E151 E152 E153 E154 E155 E156 E157 E158 E159 E160
    E161 E162 E163 E164 E165 E166 E167 E168 E169 E170 E171 E172 E173 E174 E175 E176 E177 E178 E179 E180 E181 E182 E183
    E184 E185 E186 E187 E188 E189 E190 E191 E192 E193 E194 E195 E196 E197 E198 E199;
    C000 => E000, C001 => E001, C002 => E002, C003 => E003, C004 => E004, C005 => E005, C006 => E006, C007 => E007,
    C008 => E008, C009 => E009, C010 => E010, C011 => E011, C012 => E012, C013 => E013, C014 => E014, C015 => E015,
    C016 => E016, C017 => E017, C018 => E018, C019 => E019, C020 => E020, C021 => E021, C022 => E022, C023 => E023,
    C024 => E024, C025 => E025, C026 => E026, C027 => E027, C028 => E028, C029 => E029, C030 => E030, C031 => E031,
    C032 => E032, C033 => E033, C034 => E034, C035 => E035, C036 => E036, C037 => E037, C038 => E038, C039 => E039,
    C040 => E040, C041 => E041, C042 => E042, C043 => E043, C044 => E044, C045 => E045, C046 => E046, C047 => E047,
    C048 => E048, C049 => E049, C050 => E050, C051 => E051, C052 => E052, C053 => E053, C054 => E054, C055 => E055,
    C056 => E056, C057 => E057, C058 => E058, C059 => E059, C060 => E060, C061 => E061, C062 => E062, C063 => E063,
    C064 => E064, C065 => E065, C066 => E066, C067 => E067, C068 => E068, C069 => E069, C070 => E070, C071 => E071,
    C072 => E072, C073 => E073, C074 => E074, C075 => E075, C076 => E076, C077 => E077, C078 => E078, C079 => E079,
    C080 => E080, C081 => E081, C082 => E082, C083 => E083, C084 => E084, C085 => E085, C086 => E086, C087 => E087,
    C088 => E088, C089 => E089, C090 => E090, C091 => E091, C092 => E092, C093 => E093, C094 => E094, C095 => E095,
    C096 => E096, C097 => E097, C098 => E098, C099 => E099, C100 => E100, C101 => E101, C102 => E102, C103 => E103,
    C104 => E104, C105 => E105, C106 => E106, C107 => E107, C108 => E108, C109 => E109, C110 => E110, C111 => E111,
    C112 => E112, C113 => E113, C114 => E114, C115 => E115, C116 => E116, C117 => E117, C118 => E118, C119 => E119,
    C120 => E120, C121 => E121, C122 => E122, C123 => E123, C124 => E124, C125 => E125, C126 => E126, C127 => E127,
    C128 => E128, C129 => E129, C130 => E130, C131 => E131, C132 => E132, C133 => E133, C134 => E134, C135 => E135,
    C136 => E136, C137 => E137, C138 => E138, C139 => E139, C140 => E140, C141 => E141, C142 => E142, C143 => E143,
    C144 => E144, C145 => E145, C146 => E146, C147 => E147, C148 => E148, C149 => E149, C150 => E150, C151 => E151,
    C152 => E152, C153 => E153, C154 => E154, C155 => E155, C156 => E156, C157 => E157, C158 => E158, C159 => E159,
    C160 => E160, C161 => E161, C162 => E162, C163 => E163, C164 => E164, C165 => E165, C166 => E166, C167 => E167,
    C168 => E168, C169 => E169, C170 => E170, C171 => E171, C172 => E172, C173 => E173, C174 => E174, C175 => E175,
    C176 => E176, C177 => E177, C178 => E178, C179 => E179, C180 => E180, C181 => E181, C182 => E182, C183 => E183,
    C184 => E184, C185 => E185, C186 => E186, C187 => E187, C188 => E188, C189 => E189, C190 => E190, C191 => E191,
    C192 => E192, C193 => E193, C194 => E194, C195 => E195, C196 => E196, C197 => E197, C198 => E198, C199 => E199,
}

#[test]
fn every_one_of_them_is_handled() {
    assert_eq!((COMMANDS, command_names::<Wide>().len(), WideEvent::TYPES.len()), (200, 200, 200));
    given([WideEvent::E000 { id: 1, by: 1 }, WideEvent::E199 { id: 1, by: 2 }])
        .when(C100 { id: 1, by: 4 })
        .then([WideEvent::E100 { id: 1, by: 4 }])
        .then_result(7);
}
