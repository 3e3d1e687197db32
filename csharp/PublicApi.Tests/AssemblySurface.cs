using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace GoDaddy.Asherah.PublicApi.Tests
{
    /// <summary>
    /// What an assembly offers, read from its metadata alone: nothing of it is loaded, nothing that it refers to is
    /// needed. One line for each public or protected type and member, in the form of the lists.
    /// </summary>
    internal sealed class AssemblySurface : IDisposable
    {
        private readonly PEReader file;
        private readonly MetadataReader reader;
        private readonly TypeNames names = new TypeNames();
        private readonly IReadOnlySet<string> hidden;

        /// <summary>Opens an assembly.</summary>
        /// <param name="path">Its file.</param>
        /// <param name="hidden">Types of other assemblies that this one may name and its users may not.</param>
        internal AssemblySurface(string path, IReadOnlySet<string> hidden = null)
        {
            this.hidden = hidden ?? new HashSet<string>();
            file = new PEReader(File.OpenRead(path));
            reader = file.GetMetadataReader();
        }

        /// <summary>Gets the full name of the assembly.</summary>
        internal string Identity => reader.GetAssemblyDefinition().GetAssemblyName().FullName;

        /// <summary>Gets the full names of the assemblies that this one refers to.</summary>
        internal IEnumerable<AssemblyName> References =>
            reader.AssemblyReferences.Select(handle => reader.GetAssemblyReference(handle).GetAssemblyName());

        /// <summary>Gets the types that users of the assembly cannot name.</summary>
        internal IEnumerable<string> Internals => reader.TypeDefinitions
            .Where(handle => !IsVisible(handle))
            .Select(handle => names.GetTypeFromDefinition(reader, handle, 0));

        public void Dispose()
        {
            file.Dispose();
        }

        internal SurfaceList Render()
        {
            var list = new SurfaceList();
            foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
            {
                if (IsVisible(handle))
                {
                    Render(handle, list);
                }
            }

            return list;
        }

        private void Render(TypeDefinitionHandle handle, SurfaceList list)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            ImmutableArray<string> parameters = Parameters(type.GetGenericParameters());
            var scope = new TypeNames.Scope(parameters, ImmutableArray<string>.Empty);
            string name = TypeNames.WithArguments(names.GetTypeFromDefinition(reader, handle, 0), parameters);
            string kind = Kind(type);
            string header = Attributes(type.GetCustomAttributes()) + Modifiers(type, kind) + kind + " " + name +
                Bases(type, kind, scope) + Constraints(type.GetGenericParameters(), scope);
            var members = new MemberLines(reader, names, name, scope, kind);
            list.Add(header, members.Of(type, Attributes));
        }

        private string Kind(TypeDefinition type)
        {
            if ((type.Attributes & TypeAttributes.Interface) != 0)
            {
                return "interface";
            }

            return BaseName(type) switch
            {
                "System.Enum" => "enum",
                "System.ValueType" => "struct",
                "System.MulticastDelegate" => "delegate",
                _ => "class",
            };
        }

        private string Modifiers(TypeDefinition type, string kind)
        {
            string access = (type.Attributes & TypeAttributes.VisibilityMask) switch
            {
                TypeAttributes.NestedFamily => "protected ",
                TypeAttributes.NestedFamORAssem => "protected internal ",
                _ => "public ",
            };
            bool isAbstract = (type.Attributes & TypeAttributes.Abstract) != 0;
            bool isSealed = (type.Attributes & TypeAttributes.Sealed) != 0;
            if (kind == "struct")
            {
                return access + (Has(type, "IsReadOnlyAttribute") ? "readonly " : string.Empty) +
                    (Has(type, "IsByRefLikeAttribute") ? "ref " : string.Empty);
            }

            if (kind != "class")
            {
                return access;
            }

            string more = isAbstract && isSealed ? "static " : isAbstract ? "abstract " : isSealed ? "sealed " : string.Empty;
            return access + more;
        }

        private string Bases(TypeDefinition type, string kind, TypeNames.Scope scope)
        {
            if (kind == "delegate")
            {
                return string.Empty;
            }

            if (kind == "enum")
            {
                FieldDefinition value = type.GetFields().Select(reader.GetFieldDefinition)
                    .Single(field => (field.Attributes & FieldAttributes.Static) == 0);
                return " : " + value.DecodeSignature(names, scope);
            }

            var bases = new List<string>();
            if (kind == "class" && BaseName(type) != "object" && BaseName(type) != "System.Object")
            {
                bases.Add(names.Of(reader, type.BaseType, scope));
            }

            bases.AddRange(type.GetInterfaceImplementations()
                .Select(handle => reader.GetInterfaceImplementation(handle).Interface)
                .Where(IsVisible)
                .Select(handle => names.Of(reader, handle, scope))
                .Order(StringComparer.Ordinal));
            return bases.Count == 0 ? string.Empty : " : " + string.Join(", ", bases);
        }

        private string Constraints(GenericParameterHandleCollection parameters, TypeNames.Scope scope)
        {
            return MemberLines.Constraints(reader, names, parameters, scope);
        }

        private string Attributes(CustomAttributeHandleCollection handles)
        {
            return AttributeText.Of(reader, names, handles);
        }

        private ImmutableArray<string> Parameters(GenericParameterHandleCollection handles)
        {
            return handles.Select(handle => reader.GetString(reader.GetGenericParameter(handle).Name)).ToImmutableArray();
        }

        private string BaseName(TypeDefinition type)
        {
            return type.BaseType.IsNil || type.BaseType.Kind == HandleKind.TypeSpecification
                ? null
                : names.Of(reader, type.BaseType, null);
        }

        private bool Has(TypeDefinition type, string attribute)
        {
            return type.GetCustomAttributes().Any(handle => AttributeText.Name(reader, names, handle).EndsWith(
                "." + attribute, StringComparison.Ordinal));
        }

        /// <summary>Says whether a type can be named outside the assembly; types of others are.</summary>
        private bool IsVisible(EntityHandle handle)
        {
            if (handle.Kind == HandleKind.TypeSpecification)
            {
                // Of a generic interface, the definition counts.
                BlobReader blob = reader.GetBlobReader(
                    reader.GetTypeSpecification((TypeSpecificationHandle)handle).Signature);
                if (blob.ReadSignatureTypeCode() != SignatureTypeCode.GenericTypeInstance)
                {
                    return true;
                }

                blob.ReadCompressedInteger();
                handle = blob.ReadTypeHandle();
            }

            return handle.Kind == HandleKind.TypeDefinition
                ? IsVisible((TypeDefinitionHandle)handle)
                : !hidden.Contains(names.Of(reader, handle, null));
        }

        private bool IsVisible(TypeDefinitionHandle handle)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            return (type.Attributes & TypeAttributes.VisibilityMask) switch
            {
                TypeAttributes.Public => true,
                TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem =>
                    IsVisible(type.GetDeclaringType()),
                _ => false,
            };
        }
    }
}
