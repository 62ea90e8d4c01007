// The sizes of a model: everything that fixes the shapes of its weights. One YAML schema,
// used by training configs and by voice.json.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "core/base/status.h"

namespace m2tts {

struct VocoderConfig {
  std::string type = "istft";                  // istft, hifigan, griffin_lim
  int hidden = 160;                            // width
  int blocks = 5;                              // istft: ConvNeXt blocks
  int expansion = 3;                           // istft: hidden multiplier inside a block
  int kernel = 7;                              // istft: depthwise kernel, frames
  std::vector<int> upsample = {8, 8, 4};       // hifigan: factors, product = hop
  std::vector<int> resblock_kernels = {3, 7};  // hifigan: multi-receptive-field kernels
  int resblock_dilations = 2;                  // hifigan: dilations 1, 3, ... per kernel
};

struct ModelConfig {
  int hidden = 128;
  int heads = 2;
  int encoder_layers = 4;
  int decoder_layers = 3;
  int ffn_multiplier = 4;     // width of the convolutional feed-forward, times hidden
  int ffn_kernel = 3;         // of its first convolution
  int depthwise_kernel = 5;   // of the depthwise convolution before attention; 0 = none
  int decoder_attention = 7;  // frames seen on each side; -1 = the whole sentence
  int predictor_hidden = 128;
  int predictor_layers = 2;
  int predictor_kernel = 3;
  bool pitch = true;
  bool frame_pitch = false;  // the decoder gets the pitch of each frame too; needs pitch
  bool energy = false;       // loudness of each phoneme, predicted and embedded like its pitch
  int speakers = 1;
  double dropout = 0.1;
  VocoderConfig vocoder;

  static StatusOr<ModelConfig> FromYaml(const YAML::Node& node, const std::string& path);
  std::string ToJson() const;
  Status Validate() const;

  // Frames that one output frame of the mel decoder can see, itself included; -1 = all.
  int DecoderReceptiveField() const;
};

}  // namespace m2tts
