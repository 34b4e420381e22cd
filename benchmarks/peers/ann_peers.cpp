// Measures hnswlib and faiss on the vectors, queries and exact answers of the approximate search benchmark.
//   benchmarks/peers/build.sh WORK_FOLDER          # fetches and builds faiss and hnswlib there, then this file
//   ANN_BASE=base.f32 ANN_N=1000000 ANN_QUERY=query.f32 ANN_GT=exact ANN_BT=2 WORK_FOLDER/ann_peers --peer hnswlib
//
// Environment
//   ANN_BASE    float32 rows of 32, raw; ANN_N of them are indexed (without ANN_N all)
//   ANN_QUERY   float32 rows of 32, raw
//   ANN_GT      prefix: PREFIX.gt.i32 holds the ids of the 100 exact best of each query, best first
//   ANN_BT      threads that build (1); a search always has one
// Arguments
//   --peer hnswlib|faiss-pq|faiss-sq8|faiss-ivfflat|faiss-flat
//   --batch             all queries in one call (hnswlib knows no such call)
//   --build-only        stop once the index is built and saved
//   --save FILE         write the index to FILE and what its building took to FILE.build
//   --load FILE         read both back instead of building
//   --metric ip|l2      the vectors have length one, so both rank alike; without it the one that was the better: ip for hnswlib and
//                       faiss-flat, l2 for the indexes with lists, whose lists and codes then find more at the same speed
//   --factory TEXT      another faiss index in place of the peer's own
//   --settings A,B,...  the efs (hnswlib) or nprobes (faiss) to try
//   --refine A,B,...    the k_factors to try
//   --queries N         only the first N queries (faiss-flat one at a time: 500)
//   --rounds N          rounds whose median counts (5)
//   --all               keep every setting, not only a choice of those that no other one beats in both recall and speed
//
// Prints one line per setting, separated by tabs: recall@10 by id, queries per second of the thread's CPU time, queries per second of
// wall time, CPU seconds and megabytes of the index, label, and recall@10 of the first 5000 queries alone.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <omp.h>

#include <faiss/IndexIVF.h>
#include <faiss/IndexRefine.h>
#include <faiss/impl/io.h>
#include <faiss/index_factory.h>
#include <faiss/index_io.h>
#include <hnswlib/hnswlib.h>

extern "C" void openblas_set_num_threads(int threads);
extern "C" char* openblas_get_corename();

namespace {

constexpr size_t Dimensions = 32;
constexpr size_t Kept = 10;
constexpr size_t ExactKept = 100;
constexpr size_t SequenceQueries = 5000;
constexpr double LowestRecall = 0.85;
constexpr double HighestRecall = 0.9995;

struct Options {
  std::string peer;
  std::string save;
  std::string load;
  std::string metric;
  std::string factory;
  std::vector<int> settings;
  std::vector<int> refine;
  size_t queries = 0;
  int rounds = 5;
  bool batch = false;
  bool build_only = false;
  bool all = false;
};

std::string environment(const char* name, const char* otherwise = nullptr) {
  const char* value = std::getenv(name);
  if (value == nullptr && otherwise == nullptr)
    throw std::runtime_error(std::string(name) + " is not set");
  return value != nullptr ? value : otherwise;
}

template <typename T>
std::vector<T> read_file(const std::string& path, size_t most = SIZE_MAX) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file)
    throw std::runtime_error("cannot read " + path);
  std::vector<T> values(std::min(most, static_cast<size_t>(file.tellg()) / sizeof(T)));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(T));
  return values;
}

std::vector<int> numbers(const std::string& text) {
  std::vector<int> values;
  for (size_t at = 0; at < text.size(); at = std::min(text.find(',', at), text.size() - 1) + 1)
    values.push_back(std::stoi(text.substr(at)));
  return values;
}

double seconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

void use_threads(int threads) {
  omp_set_num_threads(threads);
  openblas_set_num_threads(threads);
}

// One way to search: what is set before, and how good and how fast it turned out to be.
struct Setting {
  std::string label;
  int effort;
  int refine;
  double recall = 0;
  double recall_sequences = 0;
  std::vector<double> cpu;
  std::vector<double> wall;
};

class Peer {
 public:
  virtual ~Peer() = default;
  virtual void build(const std::vector<float>& rows, int threads) = 0;
  virtual void save(const std::string& path) const = 0;
  virtual void load(const std::string& path) = 0;
  virtual size_t bytes() const = 0;
  virtual std::vector<Setting> settings(const Options& options) const = 0;
  virtual void set(const Setting& setting) = 0;
  virtual void search(const float* queries, size_t count, int64_t* ids) const = 0;
};

class HnswPeer : public Peer {
 public:
  explicit HnswPeer(bool inner_product) {
    if (inner_product)
      space_ = std::make_unique<hnswlib::InnerProductSpace>(Dimensions);
    else
      space_ = std::make_unique<hnswlib::L2Space>(Dimensions);
  }

  void build(const std::vector<float>& rows, int threads) override {
    size_t count = rows.size() / Dimensions;
    index_ = std::make_unique<Index>(space_.get(), count, Links, BuildEffort);
    index_->addPoint(rows.data(), 0);
    std::atomic<size_t> next{1};
    std::vector<std::thread> workers;
    for (int i = 0; i < threads; ++i)
      workers.emplace_back([&] {
        for (size_t row = next++; row < count; row = next++)
          index_->addPoint(rows.data() + row * Dimensions, row);
      });
    for (std::thread& worker : workers)
      worker.join();
  }

  void save(const std::string& path) const override { index_->saveIndex(path); }

  void load(const std::string& path) override { index_ = std::make_unique<Index>(space_.get(), path); }

  size_t bytes() const override {
    size_t count = index_->cur_element_count;
    size_t bytes = count * index_->size_data_per_element_;
    for (size_t i = 0; i < count; ++i)
      bytes += index_->element_levels_[i] * index_->size_links_per_element_ + sizeof(void*);
    return bytes;
  }

  std::vector<Setting> settings(const Options& options) const override {
    std::vector<int> efs = {10, 14, 20, 28, 40, 56, 80, 120, 180, 260, 400, 600, 900, 1500};
    if (!options.settings.empty())
      efs = options.settings;
    std::vector<Setting> settings;
    for (int ef : efs)
      settings.push_back({"hnswlib M=16 efC=200 ef=" + std::to_string(ef), ef, 1});
    return settings;
  }

  void set(const Setting& setting) override { index_->setEf(setting.effort); }

  void search(const float* queries, size_t count, int64_t* ids) const override {
    for (size_t i = 0; i < count; ++i) {
      auto found = index_->searchKnn(queries + i * Dimensions, Kept);
      int64_t* row = ids + i * Kept;
      std::fill_n(row, Kept, -1);
      for (; !found.empty(); found.pop())
        row[found.size() - 1] = found.top().second;
    }
  }

 private:
  using Index = hnswlib::HierarchicalNSW<float>;
  static constexpr size_t Links = 16;
  static constexpr size_t BuildEffort = 200;
  std::unique_ptr<hnswlib::SpaceInterface<float>> space_;
  std::unique_ptr<Index> index_;
};

// Counts what would be written.
struct SizeWriter : faiss::IOWriter {
  size_t bytes = 0;
  size_t operator()(const void*, size_t size, size_t items) override {
    bytes += size * items;
    return items;
  }
};

class FaissPeer : public Peer {
 public:
  FaissPeer(const std::string& factory, bool inner_product) : factory_(factory) {
    adopt(faiss::index_factory(Dimensions, factory.c_str(), inner_product ? faiss::METRIC_INNER_PRODUCT : faiss::METRIC_L2));
  }

  void build(const std::vector<float>& rows, int) override {
    size_t count = rows.size() / Dimensions;
    index_->train(count, rows.data());
    index_->add(count, rows.data());
  }

  void save(const std::string& path) const override { faiss::write_index(index_.get(), path.c_str()); }

  void load(const std::string& path) override { adopt(faiss::read_index(path.c_str())); }

  size_t bytes() const override {
    SizeWriter writer;
    faiss::write_index(index_.get(), &writer);
    return writer.bytes;
  }

  std::vector<Setting> settings(const Options& options) const override {
    if (lists_ == nullptr)
      return {{factory_, 1, 1}};
    std::vector<int> probes = {4, 8, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 1024};
    std::vector<int> factors = {1};
    if (refine_ != nullptr)
      factors = factory_.find("SQ8") != std::string::npos ? std::vector<int>{1, 2, 4} : std::vector<int>{2, 3, 4, 6, 8, 12, 20};
    if (!options.settings.empty())
      probes = options.settings;
    if (!options.refine.empty() && refine_ != nullptr)
      factors = options.refine;
    // Refining many candidates of few lists is no use.
    constexpr int ProbesPerFactor = 12;
    constexpr int AnyProbes = 4;
    std::vector<Setting> settings;
    for (int factor : factors)
      for (int probe : probes)
        if (!options.settings.empty() || factor <= AnyProbes || probe >= factor * ProbesPerFactor)
          settings.push_back({factory_ + " nprobe=" + std::to_string(probe)
              + (refine_ != nullptr ? " k_factor=" + std::to_string(factor) : ""), probe, factor});
    return settings;
  }

  void set(const Setting& setting) override {
    if (lists_ != nullptr)
      lists_->nprobe = setting.effort;
    if (refine_ != nullptr)
      refine_->k_factor = setting.refine;
  }

  void search(const float* queries, size_t count, int64_t* ids) const override {
    scores_.resize(count * Kept);
    index_->search(count, queries, Kept, scores_.data(), ids);
  }

 private:
  void adopt(faiss::Index* index) {
    index_.reset(index);
    refine_ = dynamic_cast<faiss::IndexRefine*>(index);
    lists_ = dynamic_cast<faiss::IndexIVF*>(refine_ != nullptr ? refine_->base_index : index);
  }

  std::string factory_;
  std::unique_ptr<faiss::Index> index_;
  faiss::IndexRefine* refine_ = nullptr;
  faiss::IndexIVF* lists_ = nullptr;
  mutable std::vector<float> scores_;
};

std::unique_ptr<Peer> make_peer(const Options& options) {
  bool inner_product = options.metric == "ip";
  if (options.peer == "hnswlib")
    return std::make_unique<HnswPeer>(inner_product);
  std::string factory = options.peer == "faiss-pq" ? "IVF4096,PQ32x4fs,RFlat"
      : options.peer == "faiss-sq8" ? "IVF4096,SQ8,RFlat"
      : options.peer == "faiss-ivfflat" ? "IVF4096,Flat"
      : options.peer == "faiss-flat" ? "Flat"
      : throw std::runtime_error("unknown peer " + options.peer);
  return std::make_unique<FaissPeer>(options.factory.empty() ? factory : options.factory, inner_product);
}

// What a search is measured with.
struct Work {
  std::vector<float> queries;
  std::vector<int32_t> exact;
  size_t count;
  bool batch;
};

void measure(Peer& peer, Setting& setting, const Work& work) {
  std::vector<int64_t> ids(work.count * Kept);
  peer.set(setting);
  double cpu = seconds(CLOCK_THREAD_CPUTIME_ID);
  double wall = seconds(CLOCK_MONOTONIC);
  if (work.batch)
    peer.search(work.queries.data(), work.count, ids.data());
  else
    for (size_t i = 0; i < work.count; ++i)
      peer.search(work.queries.data() + i * Dimensions, 1, ids.data() + i * Kept);
  setting.cpu.push_back(seconds(CLOCK_THREAD_CPUTIME_ID) - cpu);
  setting.wall.push_back(seconds(CLOCK_MONOTONIC) - wall);

  size_t found = 0;
  size_t found_sequences = 0;
  for (size_t i = 0; i < work.count; ++i) {
    const int32_t* exact = work.exact.data() + i * ExactKept;
    for (size_t j = 0; j < Kept; ++j)
      found += std::find(ids.begin() + i * Kept, ids.begin() + (i + 1) * Kept, exact[j]) != ids.begin() + (i + 1) * Kept;
    if (i + 1 == std::min(work.count, SequenceQueries))
      found_sequences = found;
  }
  setting.recall = static_cast<double>(found) / (work.count * Kept);
  setting.recall_sequences = static_cast<double>(found_sequences) / (std::min(work.count, SequenceQueries) * Kept);
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Tries every setting once. More effort finds more, so a run of growing effort ends with the first setting that finds almost everything
// or hardly anything of what the one before it missed.
std::vector<Setting> try_once(Peer& peer, const Options& options, const Work& work) {
  constexpr double HardlyAnything = 0.05;
  std::vector<Setting> tried;
  int refine_at_end = -1;
  for (Setting& setting : peer.settings(options)) {
    if (setting.refine == refine_at_end)
      continue;
    measure(peer, setting, work);
    bool first = tried.empty() || tried.back().refine != setting.refine;
    bool no_gain = !first && setting.recall - tried.back().recall < HardlyAnything * (1 - tried.back().recall);
    if (setting.recall > HighestRecall || (no_gain && setting.recall > LowestRecall))
      refine_at_end = setting.refine;
    std::fprintf(stderr, "# %.5f %9.0f %s\n", setting.recall, work.count / setting.cpu.back(), setting.label.c_str());
    tried.push_back(setting);
  }
  return tried;
}

// Drops what finds too little to be of use, what another setting beats in recall and, by more than chance, in speed, and what misses
// about as much as the next better one.
std::vector<Setting> worth_keeping(std::vector<Setting> tried) {
  constexpr double Chance = 0.97;
  constexpr double Apart = 1.4;
  std::sort(tried.begin(), tried.end(), [](const Setting& a, const Setting& b) { return a.recall > b.recall; });
  std::vector<Setting> kept;
  for (const Setting& setting : tried) {
    bool beaten = std::any_of(tried.begin(), tried.end(), [&](const Setting& other) {
      return other.recall >= setting.recall && other.cpu.back() < setting.cpu.back() * Chance;
    });
    bool apart = kept.empty() || 1 - setting.recall >= (1 - kept.back().recall) * Apart;
    if (!beaten && apart && setting.recall >= LowestRecall)
      kept.push_back(setting);
  }
  std::reverse(kept.begin(), kept.end());
  return kept;
}

double build_or_load(Peer& peer, const Options& options) {
  double spent[3] = {0, 0, 0};  // CPU seconds, wall seconds, threads
  if (!options.load.empty()) {
    peer.load(options.load);
    std::ifstream file(options.load + ".build");
    file >> spent[0] >> spent[1] >> spent[2];
  } else {
    int threads = std::stoi(environment("ANN_BT", "1"));
    std::string limit = environment("ANN_N", "");
    size_t most = limit.empty() ? SIZE_MAX : std::stoull(limit) * Dimensions;
    std::vector<float> rows = read_file<float>(environment("ANN_BASE"), most);
    use_threads(threads);
    double cpu = seconds(CLOCK_PROCESS_CPUTIME_ID);
    double wall = seconds(CLOCK_MONOTONIC);
    peer.build(rows, threads);
    spent[0] = seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    spent[1] = seconds(CLOCK_MONOTONIC) - wall;
    spent[2] = threads;
  }
  std::fprintf(stderr, "# built in %.1f CPU seconds, %.1f s on %.0f threads\n", spent[0], spent[1], spent[2]);
  if (!options.save.empty()) {
    peer.save(options.save);
    std::ofstream(options.save + ".build") << spent[0] << '\t' << spent[1] << '\t' << spent[2] << '\n';
  }
  return spent[0];
}

Options parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    auto value = [&] {
      if (i + 1 == argc)
        throw std::runtime_error(name + " needs a value");
      return std::string(argv[++i]);
    };
    if (name == "--batch")
      options.batch = true;
    else if (name == "--build-only")
      options.build_only = true;
    else if (name == "--all")
      options.all = true;
    else if (name == "--peer")
      options.peer = value();
    else if (name == "--save")
      options.save = value();
    else if (name == "--load")
      options.load = value();
    else if (name == "--metric")
      options.metric = value();
    else if (name == "--factory")
      options.factory = value();
    else if (name == "--settings")
      options.settings = numbers(value());
    else if (name == "--refine")
      options.refine = numbers(value());
    else if (name == "--queries")
      options.queries = std::stoull(value());
    else if (name == "--rounds")
      options.rounds = std::stoi(value());
    else
      throw std::runtime_error("unknown argument " + name);
  }
  if (options.metric.empty())
    options.metric = options.peer == "hnswlib" || options.peer == "faiss-flat" ? "ip" : "l2";
  if (options.metric != "ip" && options.metric != "l2")
    throw std::runtime_error("--metric is ip or l2");
  if (options.rounds < 1)
    throw std::runtime_error("--rounds is at least 1");
  if (options.queries == 0)
    options.queries = options.peer == "faiss-flat" && !options.batch ? 500 : SIZE_MAX;
  return options;
}

void run(const Options& options) {
  std::unique_ptr<Peer> peer = make_peer(options);
  std::fprintf(stderr, "# faiss %s, OpenBLAS for %s\n", VERSION_STRING, openblas_get_corename());
  double build_cpu = build_or_load(*peer, options);
  double megabytes = peer->bytes() / 1e6;
  if (options.build_only)
    return;

  Work work;
  work.queries = read_file<float>(environment("ANN_QUERY"));
  work.exact = read_file<int32_t>(environment("ANN_GT") + ".gt.i32");
  work.count = std::min(options.queries, work.queries.size() / Dimensions);
  work.batch = options.batch;
  if (work.exact.size() < work.count * ExactKept)
    throw std::runtime_error("fewer exact answers than queries");

  use_threads(1);
  std::vector<Setting> settings = try_once(*peer, options, work);
  if (!options.all)
    settings = worth_keeping(settings);
  for (Setting& setting : settings) {
    setting.cpu.clear();
    setting.wall.clear();
  }
  for (int round = 0; round < options.rounds; ++round)
    for (Setting& setting : settings)
      measure(*peer, setting, work);
  const char* suffix = options.batch ? " batch" : "";
  for (const Setting& setting : settings)
    std::printf("%.5f\t%.0f\t%.0f\t%.1f\t%.1f\t%s%s\t%.5f\n", setting.recall, work.count / median(setting.cpu),
        work.count / median(setting.wall), build_cpu, megabytes, setting.label.c_str(), suffix, setting.recall_sequences);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ann_peers: %s\n", error.what());
    return 1;
  }
}
