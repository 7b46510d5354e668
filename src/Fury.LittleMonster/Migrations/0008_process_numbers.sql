-- A process that mints ids of sagas has a number in them that no other has, whether it has joined yet or not: clocks differ, so the same millisecond
-- comes more than once.
create sequence lm.process_seq;
