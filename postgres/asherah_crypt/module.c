#include "asherah_crypt.h"

#include "golibrary.h"

#include "fmgr.h"

PG_MODULE_MAGIC;

void _PG_init(void);

void _PG_init(void) {
  golibrary_refuse_preload("asherah_crypt");
  settings_define();
}
