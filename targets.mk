# targets.mk - what proves the suite: make check, make fuzz, make bench.

# A machine that lacks a package is told (or, as root, given) it before anything is compiled.  The
# file holds no rules: it is included so that make starts again when it was made, and sees the
# compilers that came with it.  All that the goal needs is named at once.
# An old, empty one first: make would otherwise say that there is none, as if that were an error.
ifeq ($(filter clean,$(MAKECMDGOALS)),)
$(if $(wildcard $(BUILD)/stamp/packages.mk),,$(shell mkdir -p $(BUILD)/stamp && touch -t 198001010000 $(BUILD)/stamp/packages.mk))
include $(BUILD)/stamp/packages.mk
endif
$(BUILD)/stamp/packages.mk: tests/packages
	@tests/packages $(or $(firstword $(filter check demo,$(MAKECMDGOALS))),build)
	@mkdir -p $(@D)
	@echo '# tests/packages build found everything' > $@

# Recipes that call make use both processors, unless the caller said how many.
PARALLEL = $(if $(findstring jobserver,$(MAKEFLAGS))$(filter -j%,$(MAKEFLAGS)),,-j2)
STRICT   := WERROR=-Werror

.PHONY: check check-builds check-clang
check:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory check-builds
	$(Q)tests/run --build $(BUILD) --san $(BUILD)/san $(TESTS)

check-builds: check-clang
	$(Q)$(MAKE) --no-print-directory $(STRICT) programs units replays
	$(Q)$(MAKE) --no-print-directory $(STRICT) BUILD=$(BUILD)/san SANITIZE=address,undefined programs units replays

# Nothing is made of it: clang's warnings are other ones than gcc's.
ALL_C = $(wildcard src/*/*.c src/*/*/*.c tests/unit/*/*.c tests/fuzz/*.c tests/fuzz/*/*.c tests/crash/nodirsync.c tests/crash/clock.c)
check-clang: $(BUILD)/include/build.h
	$(Q)if command -v clang >/dev/null; then \
	    clang -fsyntax-only -O1 $(filter-out -MMD -MP,$(CPP)) -Itests $(WARN) $(WARN_CLANG) -Werror $(ALL_C); \
	else echo 'no clang: its warnings are not looked for'; fi

# make fuzz [TARGET=lib/base64] [FUZZ_SECONDS=60]: libFuzzer, each target in turn.  New inputs are
# kept in $(BUILD)/corpus; one that breaks something is named and makes the target fail.
FUZZ_SECONDS ?= 60
FUZZ_BUILD   := $(BUILD)/fuzz
TARGET       ?= $(FUZZ)
.PHONY: fuzz campaign build-fuzzers fuzzers
fuzz: build-fuzzers
	$(Q)TMPDIR=$$(mktemp -d) || exit 1; export TMPDIR; trap 'rm -rf "$$TMPDIR"' EXIT; for t in $(TARGET); do \
	    mkdir -p $(BUILD)/corpus/$$t $(BUILD)/findings || exit 1; \
	    echo "fuzz $$t"; \
	    $(FUZZ_BUILD)/fuzzer/$$t -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 -print_final_stats=0 \
	        -verbosity=0 -artifact_prefix=$(abspath $(BUILD))/findings/$$(echo $$t | tr / -)- \
	        $(abspath $(BUILD)/corpus)/$$t $$(ls -d $(CURDIR)/tests/fuzz/$$t.seeds 2>/dev/null) || exit 1; \
	done

# make campaign [TARGET=...] [FUZZ_JOBS=2] [CAMPAIGN_SECONDS=14400]: all of them for hours, and a ledger.
FUZZ_JOBS        ?= 2
CAMPAIGN_SECONDS ?= 14400
campaign: build-fuzzers
	$(Q)tests/fuzz/campaign --build $(BUILD) --jobs $(FUZZ_JOBS) --seconds $(CAMPAIGN_SECONDS) $(TARGET)

build-fuzzers:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory BUILD=$(FUZZ_BUILD) CONF_CC='$(FUZZ_CC)' CONF_LD='$(FUZZ_CC)' \
	    SANITIZE=fuzzer-no-link,address,undefined TARGET='$(TARGET)' fuzzers

fuzzers: $(TARGET:%=$(BUILD)/fuzzer/%)
$(FUZZ:%=$(BUILD)/fuzzer/%): $(BUILD)/fuzzer/%: $(BUILD)/tests/fuzz/%.o $$(foreach a,$$(NEED_$$(call folder_of,$$*)),$(BUILD)/$$(a).a)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(LINK) -fsanitize=fuzzer -o $@ $^ $(NEEDLIBS_$(call folder_of,$*))

# make coverage [COVERAGE_TESTS="unit/ fuzz/"]: the line coverage of each parser that tests/fuzz/targets
# names, by tests and kept corpora together.  Fails if one has less than 90 %.  By default with the
# tests of programs that reach parsers which stand between two programs.
COVERAGE_BUILD := $(BUILD)/coverage
COVERAGE_FLAGS := -fprofile-instr-generate -fcoverage-mapping
COVERAGE_TESTS ?= unit/ fuzz/ dialogue/ $(addprefix programs/,inject queue.t remote.t remote-extensions \
	smtpd-tls tls.t tlsclient state oauth rcpt users local.t content authcdb tools)
.PHONY: coverage
coverage:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory BUILD=$(COVERAGE_BUILD) CONF_CC='clang -g -O1 $(COVERAGE_FLAGS)' \
	    CONF_LD='clang $(COVERAGE_FLAGS)' CONF_STATIC= programs units replays
	$(Q)dir=$$(mktemp -d /var/tmp/qferry-coverage.XXXXXX) && chmod 1777 $$dir && \
	    LLVM_PROFILE_FILE=$$dir/%4m.profraw tests/run --build $(COVERAGE_BUILD) $(COVERAGE_TESTS) && \
	    tests/fuzz/coverage $(COVERAGE_BUILD) $$dir/*; status=$$?; rm -rf $$dir; exit $$status

# All of what make check tries a part of: every moment of a power loss, every call that fails or is the
# last one (doc/crash-safety).  Some ten minutes; as root also on real file systems.
CRASH := crash queue-matrix net-faults send-faults local-faults qrepair.t
.PHONY: crash
crash:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory $(STRICT) programs units
	$(Q)QFERRY_CRASH=all QFERRY_TEST_LIMIT=7200 tests/run --build $(BUILD) $(CRASH)

# make load [LOAD_SECONDS=600] [LOAD_CLIENTS=50] [LOAD_SEED=N]: ten minutes of what make check tries for
# seconds (doc/load).
LOAD_SECONDS ?= 600
.PHONY: load
load:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory $(STRICT) programs
	$(Q)LOAD_SECONDS=$(LOAD_SECONDS) QFERRY_TEST_LIMIT=$$(($(LOAD_SECONDS) + 600)) \
	    tests/run --build $(BUILD) programs/load

# make reliability [RELIABILITY_MESSAGES=20000] [RELIABILITY_SEED=N]: mail through the whole suite while all of it is
# killed, in turn and at once (doc/reliability).
RELIABILITY_MESSAGES ?= 20000
.PHONY: reliability
reliability:
	@tests/packages check
	$(Q)$(MAKE) $(PARALLEL) --no-print-directory $(STRICT) programs units
	$(Q)RELIABILITY_MESSAGES=$(RELIABILITY_MESSAGES) QFERRY_TEST_LIMIT=$$((3600 + $(RELIABILITY_MESSAGES) / 2)) \
	    tests/run --build $(BUILD) programs/reliability

# make bench [BENCH="messages tls"]: prints "name value unit", and a table at the end; judges nothing
# (doc/speed).
.PHONY: bench
bench: programs tools
	@tests/packages bench
	$(Q)QFERRY_BUILD=$(BUILD) tests/bench/run $(BENCH)
