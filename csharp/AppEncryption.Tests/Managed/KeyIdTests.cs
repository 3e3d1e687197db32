using System;
using GoDaddy.Asherah.AppEncryption.Envelope;

namespace GoDaddy.Asherah.AppEncryption.Tests.Managed
{
    /// <summary>Key ids, and which of them belong to a partition.</summary>
    public sealed class KeyIdTests
    {
        [Fact]
        public void IdsAreJoined()
        {
            var partition = new DefaultPartition("p", "s", "q");
            Assert.Equal("_SK_s_q", partition.SystemKeyId);
            Assert.Equal("_IK_p_s_q", partition.IntermediateKeyId);
            Assert.Equal("DefaultPartition[partitionId=p, serviceId=s, productId=q]", partition.ToString());

            var suffixed = new SuffixedPartition("p", "s", "q", "us-west-2");
            Assert.Equal("_SK_s_q_us-west-2", suffixed.SystemKeyId);
            Assert.Equal("_IK_p_s_q_us-west-2", suffixed.IntermediateKeyId);
            Assert.Equal(
                "SuffixedPartition[partitionId=p, serviceId=s, productId=q, regionSuffix=us-west-2]",
                suffixed.ToString());
        }

        [Theory]
        [InlineData("_IK_p_s_q", true)]
        [InlineData("_IK_p_s_q_us-west-2", false)]
        [InlineData("_IK_p_s_Q", false)]
        [InlineData("", false)]
        [InlineData(null, false)]
        public void WithoutSuffixOnlyTheOwnIdIsAccepted(string keyId, bool accepted)
        {
            Assert.Equal(accepted, new DefaultPartition("p", "s", "q").IsValidIntermediateKeyId(keyId));
        }

        [Theory]
        [InlineData("_IK_p_s_q_us-west-2", true)]
        [InlineData("_IK_p_s_q", true)]
        [InlineData("_IK_p_s_q_eu-central-1", true)]
        [InlineData("_IK_p_s_q_EU1", true)]
        [InlineData("_IK_p_s_q2", false)]
        [InlineData("_IK_p_s_q2_us-west-2", false)]
        [InlineData("_IK_p_s_q_", false)]
        [InlineData("_IK_p_s_q_eu_1", false)]
        [InlineData("_IK_p_s_q_eu west", false)]
        [InlineData("_IK_p_s_q_\u00fc", false)]
        [InlineData("_IK_p_s", false)]
        [InlineData(null, false)]
        public void WithSuffixThoseOfOtherRegionsAreAcceptedToo(string keyId, bool accepted)
        {
            Assert.Equal(accepted, new SuffixedPartition("p", "s", "q", "us-west-2").IsValidIntermediateKeyId(keyId));
        }

        [Theory]
        [InlineData(255, true)]
        [InlineData(256, false)]
        public void ARegionIsShort(int length, bool accepted)
        {
            string keyId = "_IK_p_s_q_" + new string('r', length);
            Assert.Equal(accepted, new SuffixedPartition("p", "s", "q", "here").IsValidIntermediateKeyId(keyId));
        }

        [Fact]
        public void WhatTwoIdsCouldBecomeOneByIsRefused()
        {
            Assert.Throws<ArgumentNullException>("partitionId", () => new DefaultPartition(null, "s", "q"));
            Assert.Throws<ArgumentNullException>("serviceId", () => new DefaultPartition("p", null, "q"));
            Assert.Throws<ArgumentNullException>("productId", () => new DefaultPartition("p", "s", null));
            Assert.Throws<ArgumentNullException>("regionSuffix", () => new SuffixedPartition("p", "s", "q", null));
            Assert.Throws<ArgumentException>("partitionId", () => new DefaultPartition("\ud800", "s", "q"));
            Assert.Throws<ArgumentException>("regionSuffix", () => new SuffixedPartition("p", "s", "q", "\udc00"));
        }

        [Fact]
        public void NamesOfKeysAreValues()
        {
            DateTimeOffset time = DateTimeOffset.FromUnixTimeSeconds(1534553054);
            var name = new KeyMeta("id", time);
            Assert.Equal(name, new KeyMeta("id", time));
            Assert.Equal(name.GetHashCode(), new KeyMeta("id", time).GetHashCode());
            Assert.NotEqual(name, new KeyMeta("id", time.AddSeconds(1)));
            Assert.NotEqual(name, new KeyMeta("Id", time));
            Assert.False(name.Equals(null));
            Assert.Equal("KeyMeta [KeyId=id, Created=" + time + "]", name.ToString());
        }
    }
}
