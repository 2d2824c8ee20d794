# qferry: one Makefile, no configure step, all output below $(BUILD).
#
#   make          the programs, in build/bin
#   make demo     a message goes in by SMTP and out through a smarthost (README)
#   make check    everything that proves it
#   make crash    every power loss and every fault (doc/crash-safety)
#   make reliability  20 000 messages while everything is killed (doc/reliability)
#   make load     many clients, kills and full disks (doc/load)
#   make install  a whole home (INSTALL)
#   make dropin PROGRAMS="qmail-smtpd"   into an existing home; make dropin-undo
#
# A setting is the first line of its conf- file; the rest of the file explains it.
# make V=1 shows the commands.

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

first_line = $(shell head -n 1 $(1))

BUILD       ?= build
CONF_HOME   ?= $(call first_line,conf-home)
CONF_CC     ?= $(call first_line,conf-cc)
CONF_LD     ?= $(call first_line,conf-ld)
CONF_STATIC ?= $(if $(shell command -v $(firstword $(call first_line,conf-static))),$(call first_line,conf-static))
VERSION     := 0.1

# What root has built, another user can neither renew nor remove.
ifneq ($(shell [ ! -e '$(BUILD)' ] || [ -w '$(BUILD)' ] || echo no),)
$(error $(BUILD) belongs to $(shell stat -c %U '$(BUILD)'), and this user may not write it: let that user `make clean`, or say BUILD=DIR)
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wcast-qual -Wwrite-strings -Wformat=2 -Wvla -Wundef $(WERROR)
# What gcc has looked at already, and clang also in macros of system headers and at enums.
WARN_CLANG := -Wno-sign-conversion -Wno-cast-qual
WARN += $(if $(findstring clang,$(CONF_CC)),$(WARN_CLANG))
CPP  := -std=c11 -D_POSIX_C_SOURCE=200809L -Isrc -I$(BUILD)/include -MMD -MP
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection
HARDEN_LD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed

# Sanitizer builds: make SANITIZE=address,undefined BUILD=build/san
ifneq ($(SANITIZE),)
CONF_STATIC :=
SAN := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined -fno-omit-frame-pointer -DSANITIZE
else
FORTIFY := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

COMPILE := $(CONF_CC) $(CPP) $(WARN) $(HARDEN) $(FORTIFY) $(SAN) $(CFLAGS)
LINK    := $(CONF_LD) $(HARDEN_LD) $(SAN) $(LDFLAGS)

# The hot programs (DESIGN: static, small).  Debian's musl-gcc makes a dynamic program of
# -static-pie, so the start files are named by hand; cdb.h and linux/*.h are found last.  No relro:
# musl's start files do not act on it, and it would only put the data on one page more.
HOT := qmail-smtpd qmail-queue qmail-remote qmail-qmtpd qmail-qmqpd qmail-qmqpc \
	qmail-lspawn qmail-local
NEVER_HOT := src/users/password.c # of libcrypt, which is there for the other libc only
ifneq ($(CONF_STATIC),)
HOT_LAYOUT := src/programs/hot.ld
MUSL    := $(firstword $(wildcard /usr/lib/$(shell uname -m)-linux-musl/ /usr/lib/musl/lib/))
ARCHDIR := $(shell $(CONF_CC) -print-multiarch)
GCCFILE  = $(shell $(CONF_CC) -print-file-name=$(1))
COMPILE_HOT := $(CONF_STATIC) $(CPP) $(WARN) $(HARDEN) $(CFLAGS) -idirafter /usr/include -idirafter /usr/include/$(ARCHDIR)
LINK_HOT := $(CONF_STATIC) -static -nostartfiles -Wl,-pie,--no-dynamic-linker,-z,text,-z,norelro,-z,now,-z,noexecstack \
	-Wl,-T,$(HOT_LAYOUT) $(LDFLAGS) $(MUSL)rcrt1.o $(MUSL)crti.o $(call GCCFILE,crtbeginS.o)
LINK_HOT_END := $(call GCCFILE,crtendS.o) $(MUSL)crtn.o
CDB_HOT := $(firstword $(wildcard /usr/lib/$(ARCHDIR)/libcdb_pic.a) -lcdb)
OBJ_HOT := $(BUILD)/hot
else
COMPILE_HOT := $(COMPILE)
LINK_HOT := $(LINK)
CDB_HOT := -lcdb
OBJ_HOT := $(BUILD)/obj
endif

.PHONY: all
all: programs

# --- rows: what links what -------------------------------------------------------------------
#
# A folder's row names the archives that its own code needs, itself first; tests and programs
# build on it.  A program's row is its attack surface; the linker keeps both honest.

NEED_os       := os
NEED_lib      := lib os
NEED_config   := config lib os
NEED_smtp     := smtp lib os
NEED_message  := message lib os
NEED_wire     := wire lib os
NEED_queue    := queue config lib os
NEED_repair   := repair queue config lib os
NEED_users    := users config lib os
NEED_qmqp     := qmqp queue config smtp lib os
NEED_srs      := srs config lib os
NEED_inject   := inject srs message queue config lib os
NEED_dns      := dns config wire lib os
NEED_auth     := auth config wire lib os
NEED_ares     := ares config wire lib os
NEED_tls      := tls config wire lib os
NEED_state    := state config wire lib os
NEED_http     := http dns config wire lib os
NEED_oauth    := oauth http dns config wire lib os
NEED_sts      := sts http dns config wire lib os
NEED_tlsrpt   := tlsrpt http dns config wire lib os
NEED_broker   := broker config wire lib os
NEED_policy   := policy dns wire config smtp lib os
NEED_content  := content policy dns wire config smtp lib os
NEED_server   := server content policy auth queue dns broker config wire smtp lib os
NEED_route    := route auth dns config wire smtp lib os
NEED_pace     := pace route auth dns config wire smtp lib os
NEED_tlspolicy := tlspolicy route auth dns config wire smtp lib os
NEED_client   := client tlspolicy pace route auth dns wire config smtp lib os
NEED_send     := send queue users smtp wire config lib os
NEED_spawn    := spawn wire config lib os
NEED_local    := local srs queue users config lib os
NEED_qtool    := qtool $(NEED_send)
NEED_try      := try server content policy queue broker users client tlspolicy pace route auth dns wire config smtp lib os
NEED_check    := check ares local srs $(NEED_try)

NEEDLIBS_config   := -lcdb
NEEDLIBS_queue    := -lcdb
NEEDLIBS_qmqp     := -lcdb
NEEDLIBS_repair   := -lcdb
NEEDLIBS_users    := -lcdb -lcrypt
NEEDLIBS_srs      := -lcdb
NEEDLIBS_inject   := -lcdb
NEEDLIBS_dns      := -lcdb
NEEDLIBS_broker   := -lcdb
NEEDLIBS_policy   := -lcdb
NEEDLIBS_content  := -lcdb
NEEDLIBS_auth     := -lcdb
NEEDLIBS_server   := -lcdb
NEEDLIBS_client   := -lcdb
NEEDLIBS_send     := -lcdb
NEEDLIBS_spawn    := -lcdb
NEEDLIBS_local    := -lcdb
NEEDLIBS_qtool    := -lcdb
NEEDLIBS_try      := -lcdb
NEEDLIBS_check    := -lcdb
NEEDLIBS_ares     := -lcares -lidn2 -lcdb
NEEDLIBS_tls      := -lssl -lcrypto -lcdb
NEEDLIBS_state    := -llmdb -lcdb
NEEDLIBS_http     := -lcurl -lcdb
NEEDLIBS_oauth    := -lcurl -ljansson -lcdb
NEEDLIBS_sts      := -lcurl -lcdb
NEEDLIBS_tlsrpt   := -lcurl -ljansson -lz -lcdb

LINK_qmail-smtpd  := $(NEED_server)
LIBS_qmail-smtpd  := -lcdb
LINK_qmail-qmtpd  := $(NEED_server)
LIBS_qmail-qmtpd  := -lcdb
LINK_qmail-qmqpd  := $(NEED_server)
LIBS_qmail-qmqpd  := -lcdb
LINK_qmail-qmqpc  := $(NEED_qmqp)
LINK_qmail-broker := $(NEED_broker)
LINK_qmail-queue  := queue config lib os
LINK_qmail-remote := $(NEED_client)
LINK_qmail-tls    := $(NEED_tls)
LIBS_qmail-tls    := -lssl -lcrypto
LINK_qmail-dns    := $(NEED_ares)
LIBS_qmail-dns    := -lcares -lidn2
LINK_qmail-state  := $(NEED_state)
LIBS_qmail-state  := -llmdb
LINK_qmail-oauth  := $(NEED_oauth)
LIBS_qmail-oauth  := -lcurl -ljansson
LINK_qmail-sts    := $(NEED_sts)
LIBS_qmail-sts    := -lcurl
LINK_qmail-tlsrpt := $(NEED_tlsrpt)
LIBS_qmail-tlsrpt := -lcurl -ljansson -lz
LINK_qmail-send   := $(NEED_send)
LINK_qmail-clean  := queue config lib os
LINK_qmail-start  := config lib os
LINK_qmail-rspawn := $(NEED_spawn)
LINK_qmail-lspawn := users $(NEED_spawn)
LIBS_qmail-lspawn := -lcdb
LINK_qmail-local  := $(NEED_local)
LIBS_qmail-local  := -lcdb
LINK_qmail-lmtp   := $(NEED_client)
LIBS_qmail-lmtp   := -lcdb
LINK_preline      := $(NEED_local)
LINK_forward      := $(NEED_local)
LIBS_forward      := -lcdb
LINK_condredirect := $(NEED_local)
LIBS_condredirect := -lcdb
LINK_bouncesaying := $(NEED_local)
LINK_except       := $(NEED_local)
LINK_deliverquota := $(NEED_local)
LINK_srsfilter    := $(NEED_local)
LIBS_srsfilter    := -lcdb
LINK_qmail-getpw  := users config lib os
LIBS_qmail-getpw  := -lcdb
LINK_qmail-rcpt   := users wire config lib os
LIBS_qmail-rcpt   := -lcdb
LINK_qmail-newu   := users config lib os
LIBS_qmail-newu   := -lcdb
LINK_qmail-authcdb := users wire config lib os
LIBS_qmail-authcdb := -lcdb -lcrypt
LINK_qmail-passwd := users config lib os
LIBS_qmail-passwd := -lcdb -lcrypt
LINK_qmail-badloadertypes := config lib os
LIBS_qmail-badloadertypes := -lcdb
LINK_qmail-badmimetypes := config lib os
LIBS_qmail-badmimetypes := -lcdb
LINK_qmail-newmrh := config lib os
LIBS_qmail-newmrh := -lcdb
LINK_qmail-newrcpt := users config lib os
LIBS_qmail-newrcpt := -lcdb
LINK_qmail-check  := $(NEED_check)
LIBS_qmail-check  := -lcdb
LINK_qmail-try    := $(NEED_try)
LIBS_qmail-try    := -lcdb
LINK_qmail-inject := $(NEED_inject)
LIBS_qmail-inject := -lcdb
LINK_sendmail     := message config lib os
LINK_qmail-qread  := $(NEED_send)
LINK_qmail-qstat  := queue config lib os
LINK_qmail-q      := $(NEED_qtool)
LINK_qmail-qrepair := $(NEED_repair)
LINK_qmail-tcpto  := client config smtp lib os
LINK_qmail-tcpok  := config lib os
LINK_predate      := lib os
LINK_datemail     := lib os
LINK_mailsubj     := lib os
LINK_qreceipt     := message queue config lib os
LINK_qbiff        := message lib os
LINK_splogger     := lib os
LINK_maildirmake  := $(NEED_local)
LINK_maildir2mbox := $(NEED_local)
LINK_qmail-pw2u   := users config lib os
LIBS_qmail-pw2u   := -lcdb
LINK_qmail-showctl := spawn queue $(NEED_try)
LIBS_qmail-showctl := -lcdb

# --- what is built -------------------------------------------------------------------------

BUILT := $(patsubst src/programs/%.c,%,$(wildcard src/programs/*.c))
HOT      := $(filter $(HOT),$(BUILT))
COOL     := $(filter-out $(HOT),$(BUILT))
FOLDERS  := $(patsubst NEED_%,%,$(filter NEED_%,$(.VARIABLES)))
sources   = $(wildcard src/$(1)/*.c src/$(1)/*/*.c)

.PHONY: programs
programs: $(BUILT:%=$(BUILD)/bin/%)

# A changed setting rebuilds what holds it: each stamp holds the command it stands for.
define stamp
$(BUILD)/stamp/$(1): FORCE
	@mkdir -p $$(@D)
	@printf '%s\n' '$(subst ','\'',$(2))' | cmp -s - $$@ || printf '%s\n' '$(subst ','\'',$(2))' > $$@
endef
.PHONY: FORCE
FORCE:
# Not -Werror: it changes no object.
$(eval $(call stamp,cool,$(filter-out -Werror,$(COMPILE) $(LINK))))
$(eval $(call stamp,hot,$(filter-out -Werror,$(COMPILE_HOT) $(LINK_HOT))))
$(eval $(call stamp,home,$(CONF_HOME) $(VERSION)))

$(BUILD)/include/build.h: $(BUILD)/stamp/home
	@mkdir -p $(@D)
	@printf '/* made by the Makefile */\n#define BUILD_HOME "%s"\n#define BUILD_VERSION "%s"\n' \
	    '$(CONF_HOME)' '$(VERSION)' > $@

$(BUILD)/obj/%.o: src/%.c $(BUILD)/stamp/cool | $(BUILD)/include/build.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) $(CFLAGS_$(firstword $(subst /, ,$*))) -c -o $@ $<

# One archive for each folder of src/; twice for what the hot programs link.
define archives
$(BUILD)/$(1).a: $(patsubst src/%.c,$(BUILD)/obj/%.o,$(call sources,$(1)))
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archives,$(f))))

.SECONDEXPANSION:

ifneq ($(CONF_STATIC),)
$(BUILD)/hot/%.o: src/%.c $(BUILD)/stamp/hot | $(BUILD)/include/build.h
	@mkdir -p $(@D)
	$(call say,HOT,$@)
	$(Q)$(COMPILE_HOT) -c -o $@ $<

define archives_hot
$(BUILD)/hot-$(1).a: $(patsubst src/%.c,$(BUILD)/hot/%.o,$(filter-out $(NEVER_HOT),$(call sources,$(1))))
	@rm -f $$@
	@ar rcs $$@ $$^
endef
$(foreach f,$(FOLDERS),$(eval $(call archives_hot,$(f))))

$(HOT:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/hot/programs/%.o $$(foreach a,$$(LINK_$$*),$(BUILD)/hot-$$(a).a) $(HOT_LAYOUT)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK_HOT) -o $@ $(filter %.o %.a,$^) $(filter %.a,$(subst -lcdb,$(CDB_HOT),$(LIBS_$*))) $(LINK_HOT_END)
COOL_RULE := $(COOL)
else
COOL_RULE := $(BUILT)
endif

$(COOL_RULE:%=$(BUILD)/bin/%): $(BUILD)/bin/%: $(BUILD)/obj/programs/%.o $$(foreach a,$$(LINK_$$*),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBS_$*)

# --- unit tests and fuzz targets: tests/unit/FOLDER/x.c links what src/FOLDER needs ----------

UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*/*.c))
FUZZ  := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*/*.c))
FUZZ_CC ?= clang -g -O1
folder_of = $(firstword $(subst /, ,$(1)))

$(BUILD)/tests/%.o: tests/%.c $(BUILD)/stamp/cool | $(BUILD)/include/build.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(COMPILE) -Itests -c -o $@ $<

$(UNITS:%=$(BUILD)/unit/%): $(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $$(foreach a,$$(NEED_$$(call folder_of,$$*)),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(NEEDLIBS_$(call folder_of,$*)) -lcmocka

# Without libFuzzer a target is linked with a main that replays its seeds.
$(FUZZ:%=$(BUILD)/replay/%): $(BUILD)/replay/%: $(BUILD)/tests/fuzz/%.o $(BUILD)/tests/fuzz/replay.o $$(foreach a,$$(NEED_$$(call folder_of,$$*)),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(NEEDLIBS_$(call folder_of,$*))

# Tools of the tests that are written in C, callers of the helpers: tests/tools/x.c.
TOOLS := $(patsubst tests/tools/%.c,%,$(wildcard tests/tools/*.c))
NEEDTOOL_spfdriver := $(NEED_policy)
LIBSTOOL_spfdriver := -lcdb
NEEDTOOL_restricted := ares tls state local queue $(NEED_client)
LIBSTOOL_restricted := -lcdb
LIBSTOOL_smtpload  := -lssl -lcrypto
$(TOOLS:%=$(BUILD)/tools/%): $(BUILD)/tools/%: $(BUILD)/tests/tools/%.o $$(foreach a,$$(or $$(NEEDTOOL_$$*),$$(NEED_wire)),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ $(LIBSTOOL_$*)

# For the tests of crash safety (doc/crash-safety): disk images with a diary, where libfuse3 is; and
# variants of our programs that bring no name to the disk, which the tests must find out.
UNSYNCED := qmail-queue qmail-send qmail-local
FLUSHLOG := $(if $(wildcard /usr/include/fuse3/fuse.h),$(BUILD)/crash/flushlog)
$(BUILD)/crash/flushlog: $(BUILD)/tests/crash/flushlog.o $(BUILD)/lib.a $(BUILD)/os.a
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -o $@ $^ -lfuse3

$(UNSYNCED:%=$(BUILD)/crash/%): $(BUILD)/crash/%: $(BUILD)/obj/programs/%.o $(BUILD)/tests/crash/nodirsync.o $$(foreach a,$$(LINK_$$*),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -Wl,--wrap=fsync -o $@ $^ $(LIBS_$*)

# The clock of tests, for programs that load it.
$(BUILD)/crash/clock.so: tests/crash/clock.c $(BUILD)/stamp/cool
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CONF_CC) -fPIC -shared -O2 $(WARN) -o $@ $<

# One of them as the hot programs are built, too: musl makes other calls than glibc.
ifneq ($(CONF_STATIC),)
STATIC_TOOLS := $(BUILD)/tools/restricted-static
$(BUILD)/hot/restricted.o: tests/tools/restricted.c $(BUILD)/stamp/hot | $(BUILD)/include/build.h
	@mkdir -p $(@D)
	$(call say,HOT,$@)
	$(Q)$(COMPILE_HOT) -c -o $@ $<

$(STATIC_TOOLS): $(BUILD)/hot/restricted.o $(patsubst %,$(BUILD)/hot/%plan.o,ares/dns tls/tls state/state local/maildir) $(patsubst %,$(BUILD)/hot-%.a,queue $(NEED_client))
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK_HOT) -o $@ $^ $(LINK_HOT_END)
endif

.PHONY: units replays tools
units: $(UNITS:%=$(BUILD)/unit/%) tools $(FLUSHLOG) $(UNSYNCED:%=$(BUILD)/crash/%) $(BUILD)/crash/clock.so
tools: $(TOOLS:%=$(BUILD)/tools/%) $(STATIC_TOOLS)
replays: $(FUZZ:%=$(BUILD)/replay/%)

-include targets.mk

# --- ways in: each is a script in setup/ ------------------------------------------------------------

.PHONY: demo install dropin dropin-undo
demo:
	@tests/packages demo
	@$(MAKE) programs
	@setup/demo '$(BUILD)'

install: programs
	setup/install '$(CONF_HOME)' '$(BUILD)'

dropin: programs
	setup/dropin '$(CONF_HOME)' '$(BUILD)' $(PROGRAMS)

dropin-undo:
	setup/dropin-undo '$(CONF_HOME)'

.PHONY: clean
clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD)/obj $(BUILD)/hot $(BUILD)/tests -name '*.d' -type f 2>/dev/null)
