// Reads every structure of a folder ROUNDS times with gemmi and prints the columns of benchmarks/Clss.StructureBenchmark. One thread.
//   apt-get install g++ zlib1g-dev gemmi-dev tao-pegtl-dev
//   g++ -std=c++17 -O3 -march=native -DNDEBUG gemmi_peer.cpp -o gemmi_peer -lz
//   ./gemmi_peer FOLDER ROUNDS
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>
#include <gemmi/gz.hpp>
#include <gemmi/mmread.hpp>

namespace fs = std::filesystem;

static bool ends_with(const std::string& text, const std::string& ending) {
  return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

static std::string kind_of(std::string name) {
  std::string packed = ends_with(name, ".gz") ? ".gz" : "";
  name.resize(name.size() - packed.size());
  return (ends_with(name, ".cif") ? "MmCif" : ends_with(name, ".bcif") ? "BinaryCif" : "Pdb") + packed;
}

static gemmi::Structure read(const std::string& path) {
  return gemmi::read_structure(gemmi::MaybeGzipped(path), gemmi::CoorFormat::Detect);
}

static size_t count_atoms(const gemmi::Structure& structure) {
  size_t atoms = 0;
  for (const gemmi::Model& model : structure.models)
    for (const gemmi::Chain& chain : model.chains)
      for (const gemmi::Residue& residue : chain.residues)
        atoms += residue.atoms.size();
  return atoms;
}

int main(int argc, char** argv) {
  if (argc != 3)
    return 2;
  std::map<std::string, std::vector<std::string>> kinds;
  std::map<std::string, size_t> plain;
  for (const auto& entry : fs::recursive_directory_iterator(argv[1])) {
    std::string path = entry.path().string();
    if (!entry.is_regular_file() || ends_with(path, ".md") || ends_with(path, ".tsv"))
      continue;
    try {
      if (count_atoms(read(path)) > 0) {
        kinds[kind_of(path)].push_back(path);
        gemmi::MaybeGzipped input(path);
        plain[kind_of(path)] += input.is_compressed() ? input.uncompress_into_buffer().size() : fs::file_size(path);
      }
    } catch (const std::exception&) {
    }
  }
  std::printf("kind files plain_MB atoms ms MB/s Matoms/s\n");
  for (auto& [kind, files] : kinds) {
    std::vector<double> times;
    size_t atoms = 0;
    for (int round = 0; round < std::atoi(argv[2]); ++round) {
      atoms = 0;
      auto start = std::chrono::steady_clock::now();
      for (const std::string& file : files)
        atoms += count_atoms(read(file));
      times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
    std::sort(times.begin(), times.end());
    double median = times[times.size() / 2];
    std::printf("%s %zu %.1f %zu %.1f %.0f %.2f\n", kind.c_str(), files.size(), plain[kind] / 1e6, atoms, median, plain[kind] / 1e3 / median, atoms / 1e3 / median);
  }
}
